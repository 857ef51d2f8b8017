/* What decoding needs besides the message. */
#ifndef WRITER_DECODERS_DECODE_SCRATCH_H
#define WRITER_DECODERS_DECODE_SCRATCH_H

#include "base/buf.h"
#include "base/value.h"
#include "influx/point.h"

/* Memory that a decoder uses again and again; made once by whoever decodes. Some 20 KiB, and 256
 * KiB behind it. */
struct decode_scratch {
    struct value_document *document;
    struct value message; /* the whole of what payload_parse read last; lies in the document */
    struct buf names;     /* for unescaped or joined names; see names.h */
    struct point point;
};
enum err decode_scratch_open(struct decode_scratch *scratch) ERR_MUST_CHECK;
void decode_scratch_close(struct decode_scratch *scratch);

#endif
