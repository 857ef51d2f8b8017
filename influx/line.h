/* Line protocol, written and read: the one place where bytes of strangers become lines.
 *
 * line_encode is a security boundary: whatever bytes a point holds, exactly one line comes out,
 * which every version from 1.6 to 3.x reads as that point. What line protocol cannot say is
 * cleaned by stated rules, each counted in ret_cleaned:
 *   - bytes that are not UTF-8 become U+FFFD;
 *   - control characters (CR, LF, NUL and below 0x20, 0x7F) in names and tag values become '_';
 *     in text fields only NUL and CR do, a newline and a tab stay, being legal there;
 *   - a backslash in a measurement, tag or field key or tag value becomes '/';
 *   - '#' at the start of a measurement becomes '_';
 *   - a field called "time" becomes "time_", a tag likewise;
 *   - a NaN or infinite number is left out, an empty field key too;
 *   - text fields are cut at 64 KiB at a character's start.
 * Tags are sorted by the bytes of their keys; empty ones left out. Numbers are written in the
 * shortest form that reads back, with a digit on both sides of a point.
 * What cleaning makes equal to an earlier key of its kind is left out.
 * ERR_INVALID with words: no field left, empty measurement, names over 65,535 bytes together, a
 * time outside of LINE_TIME_MIN_NS..LINE_TIME_MAX_NS. */
#ifndef INFLUX_LINE_H
#define INFLUX_LINE_H

#include "base/buf.h"
#include "influx/point.h"

/* What 1.x can hold (models/time.go); it keeps the numbers beyond for itself. */
#define LINE_TIME_MIN_NS (INT64_MIN + 2)
#define LINE_TIME_MAX_NS (INT64_MAX - 1)

/* line_encode appends one line with its newline; nothing on failure. */
enum err line_encode(const struct point *p, struct buf *out, unsigned *ret_cleaned,
                     struct err_reason *why) ERR_MUST_CHECK;

/* line_next cuts the next line off `rest`, at newlines outside of quoted text: a line may
 * hold newlines in its text fields. CRLF ends are accepted. Empty lines and comments are passed
 * over, blanks at a line's start too. A quote that is never closed takes the rest with it, as in
 * InfluxDB: give it one message at a time. False when nothing is left. */
bool line_next(struct text *rest, struct text *ret_line);

/* line_parse reads one line strictly (everything InfluxDB 1.6 would refuse is ERR_INVALID with
 * words that name the column), with timestamps in ns; unsigned integers (42u) become integers where
 * they fit. The point borrows from the line and from `scratch`, which is emptied first and takes
 * what had to be unescaped. `timed` tells whether the line had a timestamp. On failure ret_point
 * holds the part that was read. */
enum err line_parse(struct text line, struct buf *scratch, struct point *ret_point,
                    struct err_reason *why) ERR_MUST_CHECK;

#endif
