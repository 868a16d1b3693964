/* The calendar as iCalendar text (RFC 5545). */
#ifndef CALENDAR_ICS_H
#define CALENDAR_ICS_H

#include "base/buffer.h"
#include "domain/calendar.h"

/* Whole-day events of the entries that concern the whole organisation, and those of `county` (a code) unless it is
 * NULL, from a year before to a year after `now_us`. */
void calendar_write_ics(struct buffer *out, const char *slug, const struct calendar *calendar,
                        const char *county, int64_t now_us);

#endif
