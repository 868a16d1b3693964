/* Any bytes as the reply of a virus scanner: "clean" is exactly one text, and "infected" says FOUND. */
#include "../../src/worker/clamd.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char clean[] = "stream: OK", found[] = " FOUND";
    enum scan_verdict verdict = clamd_read_reply((struct slice){(const char *)data, size});
    bool is_clean = size == sizeof clean && memcmp(data, clean, size) == 0;
    if ((verdict == SCAN_CLEAN) != is_clean)
        __builtin_trap();
    if (verdict == SCAN_INFECTED && memcmp(data + size - sizeof found, found, sizeof found) != 0)
        __builtin_trap();
    return 0;
}
