/* order_tables.h -- rows of order.csv */
#ifndef LCTEM_PIPELINE_ORDER_TABLES_H
#define LCTEM_PIPELINE_ORDER_TABLES_H

#include "lattices.h"
#include "moire_tables.h"

extern const struct lct_table_spec order_tables_order;

LCT_MUST_CHECK enum lct_status order_tables_write(
    struct lct_table *table, const struct moire_place *place, const struct lattices_local *local, struct lct_err *err);

#endif
