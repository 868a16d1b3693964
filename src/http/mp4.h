/* The boxes of an MP4 file, as far as telling sound from film goes. */
#ifndef MP4_H
#define MP4_H

#include "base/slice.h"

#include <stdint.h>

#define MP4_MOVIE_MAX (4 << 20) /* bytes of the box "moov" that are looked at */

/* A box begins at `offset` of a file: `head` is its first 16 bytes. `ret_len` is that of the whole box,
 * `ret_inside` where its content begins. False: it is none, or reaches past the end of the file. */
bool mp4_box(struct slice head, uint64_t left, uint64_t *ret_len, unsigned *ret_inside);

/* Whether the tracks in the content of a "moov" are sound, each of them. */
bool mp4_is_sound(struct slice movie);

#endif
