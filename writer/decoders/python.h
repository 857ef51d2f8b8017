/* What Python makes of values with float() and str(): Home Assistant's integration influxdb decides
 * by them what a state and an attribute become (the Python Language Reference: Built-in Functions,
 * float; Built-in Types, str and repr). */
#ifndef WRITER_DECODERS_PYTHON_H
#define WRITER_DECODERS_PYTHON_H

#include "base/buf.h"
#include "base/value.h"

/* Arrays and objects inside of each other, the outermost counted. */
#define PYTHON_MAX_DEPTH 16

enum python_number {
    PYTHON_NO_NUMBER,
    PYTHON_FINITE,
    PYTHON_NOT_FINITE, /* nan, inf, too large for a double or longer than TEXT_NUMBER_MAX */
};

/* python_float reads a text as float() does: white space around it, an underscore between two
 * digits, "nan", "inf" and "infinity" in any case of letters are allowed. Digits are ASCII's.
 * *ret_number is set where it is finite. */
enum python_number python_float(struct text t, double *ret_number);

/* python_text gives str(v): a text as it is, None, True, 21.0, and of arrays and objects what
 * Python shows of them: ['on', None, {'a': 1}]. Characters above U+00FF are taken to be printable.
 * What is no text lies behind the end of `out`, which must not move and is left as it was when
 * there is no room in it, or v is nested too deeply, or holds what JSON does not have: false. */
bool python_text(struct value v, struct buf *out, struct text *ret_text);

#endif
