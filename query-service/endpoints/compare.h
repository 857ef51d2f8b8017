/* One question's figures from both sources, and how far they differ: the means to trust a change of
 * source before making it. */
#ifndef ENDPOINTS_COMPARE_H
#define ENDPOINTS_COMPARE_H

#include "query-service/endpoints/endpoint.h"

/* compare_write appends the members of answer_compare. A difference is the services' figure less
 * InfluxDB's; its percent is of InfluxDB's. What one source does not tell differs by null. */
void compare_write(const struct question *question, const struct figures *stored,
                   const struct figures *live, struct buf *out);

#endif
