/* SipHash-2-4 against the vector printed in its paper (appendix A), and lengths around the word. */
#include "unit.h"

#include "base/macros.h"
#include "siphash.h"

static void matches_the_paper(void **state)
{
    (void)state;
    char message[15];
    for (size_t i = 0; i < sizeof message; i++)
        message[i] = (char)i;
    struct siphash_key key = {0x0706050403020100, 0x0f0e0d0c0b0a0908};
    assert_true(siphash(key, (struct slice){message, sizeof message}) == 0xa129ca6149be45e5);
}

static void tells_lengths_apart(void **state)
{
    (void)state;
    static const char zeroes[24];
    uint64_t seen[24];
    for (size_t len = 0; len < ARRAY_LEN(seen); len++) {
        seen[len] = siphash((struct siphash_key){1, 2}, (struct slice){zeroes, len});
        for (size_t i = 0; i < len; i++)
            assert_true(seen[i] != seen[len]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(matches_the_paper),
        cmocka_unit_test(tells_lengths_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
