/* Errors: one small set of codes for the whole tree, and the words that go with
 * one failure.
 *
 * A fallible function returns `enum err`, is marked ERR_MUST_CHECK, and leaves
 * its outputs (named ret_...) untouched when it fails. Where a person must be
 * told more than the code says, the function takes a `struct err_reason *why`,
 * which may be NULL, and writes what was wrong, where, and what would be right.
 * Library code never logs; it returns. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#define ERR_LIST(X)                                                                                \
    X(OK, "ok")                                                                                    \
    X(NOMEM, "out of memory")                                                                      \
    X(INVALID, "invalid input")                                                                    \
    X(NOT_FOUND, "not found")                                                                      \
    X(TOO_LARGE, "too large")                                                                      \
    X(FULL, "no room left")                                                                        \
    X(BUSY, "in use by another process")                                                           \
    X(CORRUPT, "damaged data")                                                                     \
    X(IO, "input/output error")                                                                    \
    X(TIMEOUT, "timed out")                                                                        \
    X(CLOSED, "closed")                                                                            \
    X(REFUSED, "refused by the other side")                                                        \
    X(UNSUPPORTED, "not supported")

enum err {
#define X(name, words) ERR_##name,
    ERR_LIST(X)
#undef X
};

#define ERR_MUST_CHECK __attribute__((warn_unused_result))

/* Words for one failure, on one line (control characters become '?'), cut at the array's
 * end. */
struct err_reason {
    char text[512];
};

/* err_text gives the fixed words of a code, never NULL. */
const char *err_text(enum err code);

/* err_explain writes the reason and returns `code`, so that a failure is one
 * statement: `return err_explain(why, ERR_INVALID, "...")`. `why` may be NULL. */
enum err err_explain(struct err_reason *why, enum err code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* err_explain_errno does the same and appends the text of the current errno. */
enum err err_explain_errno(struct err_reason *why, enum err code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
