#include "influx/influxql.h"

/* A backslash stands before the quote and itself; a raw newline would end the statement's text. */
static void write_quoted(char quote, struct text t, struct buf *out)
{
    buf_char(out, quote);
    for (size_t i = 0; i < t.len; i++) {
        if (t.at[i] == quote || t.at[i] == '\\')
            buf_char(out, '\\');
        if (t.at[i] == '\n')
            buf_append(out, "\\n", 2);
        else
            buf_char(out, t.at[i]);
    }
    buf_char(out, quote);
}

void influxql_identifier(struct text name, struct buf *out)
{
    write_quoted('"', name, out);
}

void influxql_literal(struct text value, struct buf *out)
{
    write_quoted('\'', value, out);
}
