/* The few macros that every file may use. */
#ifndef BASE_MACROS_H
#define BASE_MACROS_H

#define MUST_USE          __attribute__((warn_unused_result))
#define PRINTF_LIKE(f, a) __attribute__((format(printf, f, a)))
#define NO_RETURN         __attribute__((noreturn))
#define UNUSED            __attribute__((unused))

/* Scope cleanup: `CLEANUP(buffer_done) struct buffer b = ...;` calls buffer_done(&b) at the end of the scope.
 */
#define CLEANUP(fn) __attribute__((cleanup(fn)))

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/* The struct that contains `member` at `pointer`. */
#define CONTAINER_OF(pointer, type, member) ((type *)(void *)((char *)(pointer)-offsetof(type, member)))

#endif
