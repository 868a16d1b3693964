/* Digests and HMAC against published vectors and against an HMAC computed elsewhere; encodings against
 * RFC 4648 and against bytes that no encoder makes. */
#include "unit.h"

#include "base/crypto.h"

#include <string.h>

static struct arena arena;

static int set_up(void **state)
{
    (void)state;
    arena_init(&arena, 4096);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

static const char *hex_of(const void *data, size_t len)
{
    return crypto_hex(&arena, data, len);
}

static void sha256_equals_the_published_vectors(void **state)
{
    (void)state;
    uint8_t digest[DIGEST_LEN];
    crypto_sha256(SLICE("abc"), digest);
    assert_string_equal(hex_of(digest, sizeof digest),
                        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    crypto_sha256((struct slice){0}, digest);
    assert_string_equal(hex_of(digest, sizeof digest),
                        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

/* Computed with Python's hmac over the parts, each behind its length in eight big-endian bytes. */
static void hmac_is_over_length_prefixed_parts(void **state)
{
    (void)state;
    struct secret key;
    memset(key.bytes, 0x0b, sizeof key.bytes);
    uint8_t digest[DIGEST_LEN];
    crypto_hmac(&key, (struct slice[]){SLICE("ab"), SLICE("c")}, 2, digest);
    assert_string_equal(hex_of(digest, sizeof digest),
                        "dd3926e3cdf10d32b39c7ffb5cb12b1b8ce7763ea4d6676689b55abf7766c888");
    crypto_hmac(&key, (struct slice[]){SLICE("a"), SLICE("bc")}, 2, digest);
    assert_string_equal(hex_of(digest, sizeof digest),
                        "0a4fe57dc77df0ff846a75173db36c680a92ba04424bab65957a59df47b92387");
    crypto_hmac(&key, NULL, 0, digest);
    assert_string_equal(hex_of(digest, sizeof digest),
                        "5177e637aaac0b50e5dca8bb05b0b571444bd59b9b0d834d50681af21fc14b1e");
}

static void each_purpose_gets_a_key_of_its_own(void **state)
{
    (void)state;
    struct secret server = {{1, 2, 3}}, other = {{1, 2, 4}};
    struct secret track = crypto_derive(&server, "tracking-code"),
                  again = crypto_derive(&server, "tracking-code");
    struct secret cursor = crypto_derive(&server, "cursor"), foreign = crypto_derive(&other, "tracking-code");
    assert_memory_equal(&track, &again, sizeof track);
    assert_memory_not_equal(&track, &cursor, sizeof track);
    assert_memory_not_equal(&track, &foreign, sizeof track);
    assert_string_equal(hex_of(track.bytes, sizeof track.bytes),
                        "0f274fcbaff6b8dd2965dfab60e523d4927631b6f3a20a6e3ee9f6d5c25ff6ae");
}

static void random_fills_every_length_and_never_repeats(void **state)
{
    (void)state;
    uint8_t a[600] = {0}, b[600] = {0}, guard[3] = {7, 7, 7};
    crypto_random(a, sizeof a);
    crypto_random(b, sizeof b);
    assert_memory_not_equal(a, b, sizeof a);
    size_t zeros = 0;
    for (size_t i = 0; i < sizeof a; i++)
        zeros += a[i] == 0;
    assert_in_range(zeros, 0, 30); /* about 2.3 expected */
    crypto_random(guard + 1, 0);
    assert_memory_equal(guard, ((uint8_t[]){7, 7, 7}), 3);
}

static void equal_compares_all_bytes(void **state)
{
    (void)state;
    assert_true(crypto_equal("abcd", "abcd", 4));
    assert_false(crypto_equal("abcd", "abce", 4));
    assert_true(crypto_equal("abcd", "abce", 3));
    assert_true(crypto_equal("", "x", 0));
}

static void base64url_equals_rfc_4648_without_padding(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {"", ""},           {"f", "Zg"},          {"fo", "Zm8"},          {"foo", "Zm9v"},
        {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}, {"\xfb\xff\xfe", "-__-"},
    };
    for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
        assert_string_equal(crypto_base64url(&arena, pairs[i][0], strlen(pairs[i][0])), pairs[i][1]);
        char out[16];
        size_t len = 99;
        assert_true(crypto_base64url_decode(slice_of(pairs[i][1]), out, sizeof out, &len));
        assert_int_equal(len, strlen(pairs[i][0]));
        assert_memory_equal(out, pairs[i][0], len);
    }
}

static void base64url_round_trips_every_byte_at_every_length(void **state)
{
    (void)state;
    uint8_t bytes[256], out[256];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)i;
    for (size_t len = 0; len <= sizeof bytes; len++) {
        char *text = crypto_base64url(&arena, bytes + sizeof bytes - len, len);
        size_t got = 0;
        assert_true(crypto_base64url_decode(slice_of(text), out, len, &got));
        assert_int_equal(got, len);
        assert_memory_equal(out, bytes + sizeof bytes - len, len);
    }
}

static void base64url_refuses_what_no_encoder_makes(void **state)
{
    (void)state;
    static const char *const refused[] = {
        "Z", "Zm9vY", "Zg==", "Zm8=", "Zh", "Zm9", "Zm+v", "Zm/v", "Zm 9v", "Zm9v\n", "\xd8\xa7\xd8\xa7",
    };
    char out[16];
    size_t len = 77;
    for (size_t i = 0; i < ARRAY_LEN(refused); i++)
        assert_false(crypto_base64url_decode(slice_of(refused[i]), out, sizeof out, &len));
    assert_false(crypto_base64url_decode((struct slice){"Zm\0v", 4}, out, sizeof out, &len));
    assert_false(crypto_base64url_decode(SLICE("Zm9v"), out, 2, &len)); /* three bytes into two */
    assert_int_equal(len, 77);
}

static void hex_is_lower_case(void **state)
{
    (void)state;
    assert_string_equal(hex_of("\x00\x09\xaf\xff", 4), "0009afff");
    assert_string_equal(hex_of("", 0), "");
}

static void a_name_has_one_id_under_each_scope(void **state)
{
    (void)state;
    const struct uuid zero = {{0}}, other = {{1}};
    char id[UUID_TEXT_LEN + 1];
    uuid_format(crypto_named_uuid(zero, SLICE("abc")), id);
    assert_string_equal(id, "277e7ff6-d232-8976-bf4a-66e8d05d210d");
    assert_true(uuid_equal(crypto_named_uuid(zero, SLICE("abc")), crypto_named_uuid(zero, SLICE("abc"))));
    assert_false(uuid_equal(crypto_named_uuid(zero, SLICE("abc")), crypto_named_uuid(other, SLICE("abc"))));
    assert_false(uuid_equal(crypto_named_uuid(zero, SLICE("abc")), crypto_named_uuid(zero, SLICE("ab"))));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sha256_equals_the_published_vectors),
        cmocka_unit_test(a_name_has_one_id_under_each_scope),
        cmocka_unit_test(hmac_is_over_length_prefixed_parts),
        cmocka_unit_test(each_purpose_gets_a_key_of_its_own),
        cmocka_unit_test(random_fills_every_length_and_never_repeats),
        cmocka_unit_test(equal_compares_all_bytes),
        cmocka_unit_test(base64url_equals_rfc_4648_without_padding),
        cmocka_unit_test(base64url_round_trips_every_byte_at_every_length),
        cmocka_unit_test(base64url_refuses_what_no_encoder_makes),
        cmocka_unit_test(hex_is_lower_case),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
