/* Text functions over any bytes: what must hold of every valid text, checked on whatever the fuzzer finds. */
#include "base/text.h"

#include <stdint.h>
#include <stdlib.h>
#include <uninorm.h>
#include <unistr.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

static struct slice by_table(struct arena *arena, uninorm_t form, struct slice s)
{
    size_t len = 0;
    uint8_t *normal = u8_normalize(form, (const uint8_t *)s.data, s.len, NULL, &len);
    struct slice copy = {arena_copy(arena, normal, len), len};
    free(normal);
    return copy;
}

/* Blanks folded and trimmed, nothing left that is dropped, and the quick road equal to the tables'. */
static void check_fa_norm(struct arena *arena, struct slice s)
{
    struct slice normal = text_fa_norm(arena, s);
    require(text_is_utf8(normal));
    require(normal.len == 0 || (normal.data[0] != ' ' && normal.data[normal.len - 1] != ' '));
    require(!memmem(normal.data, normal.len, "  ", 2));
    require(!memmem(normal.data, normal.len, "\u0640", 2) && !memmem(normal.data, normal.len, "\u200c", 3));
    for (size_t i = 0; i < normal.len; i++)
        require(normal.data[i] < 'A' || normal.data[i] > 'Z');
    require(slice_equal(normal, text_fa_norm(arena, by_table(arena, UNINORM_NFKC, s))));
    require(
        slice_equal(text_fingerprint(arena, s), text_fingerprint(arena, by_table(arena, UNINORM_NFC, s))));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice s = {(const char *)data, size};
    require(text_is_utf8(s) == (u8_check(data, size) == NULL));
    if (!text_is_utf8(s))
        return 0;
    struct arena arena;
    arena_init(&arena, 65536);
    check_fa_norm(&arena, s);
    require(slice_equal(text_nfc(&arena, s), by_table(&arena, UNINORM_NFC, s)));
    require(text_length(s) == u8_mbsnlen(data, size));
    struct slice code = text_code(&arena, s);
    require(slice_equal(code, text_code(&arena, code)));
    (void)text_has_control(s);
    arena_done(&arena);
    return 0;
}
