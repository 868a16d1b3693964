/* Text as people in Iran type it. All functions take UTF-8; lengths are code points. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include "base/arena.h"

#include <stdint.h>

/* Strict UTF-8 (no surrogates, no overlong forms, at most U+10FFFF). */
bool text_is_utf8(struct slice s);
/* The code points of valid UTF-8. */
size_t text_length(struct slice s);
/* True if `s` holds a control character other than \n, \r and \t, a bidi override or isolate
 * (U+202A..202E, U+2066..2069), or a non-character: nothing that belongs into a stored text. */
bool text_has_control(struct slice s);
/* True if nothing of `s` can be read: blanks of any kind, marks that stand on no letter, joiners, direction marks
 * and whatever else is drawn as nothing. */
bool text_is_blank(struct slice s);
/* NFC. Returns `s` itself when it already is (the usual case, decided without a table). */
struct slice text_nfc(struct arena *arena, struct slice s);

/* The one normaliser for search and comparison; equal to fa_norm() in SQL (migrations/) on every input:
 * NFKC; then ي ى ئ→ی, ك→ک, ة ۀ→ه, أ إ آ ٱ→ا, ؤ→و; Persian and Arabic digits → 0-9; ZWNJ, ZWJ, NBSP and other
 * blanks → one space; tatweel, harakat (U+064B..065F, U+0670) and what cannot be seen (direction marks, soft
 * hyphen, BOM) dropped; ASCII lower case; runs of blanks folded, ends trimmed. */
struct slice text_fa_norm(struct arena *arena, struct slice s);
/* fa_norm with everything but letters and digits dropped: near-identical texts have equal fingerprints. */
struct slice text_fingerprint(struct arena *arena, struct slice s);
/* Persian and Arabic digits → 0-9, blanks and dashes (of any kind) dropped: what a person keys in as a code.
 */
struct slice text_code(struct arena *arena, struct slice s);

#endif
