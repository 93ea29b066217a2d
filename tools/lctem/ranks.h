/* ranks.h -- the processes that mpirun or srun has started together; the one door to MPI */
#ifndef LCTEM_TOOLS_RANKS_H
#define LCTEM_TOOLS_RANKS_H

#include <lctem/comm.h>

/** Join the others, if this process was started with others and the program knows MPI. `*out` is NULL else: alone. Once in a
 *  process. LCT_E_ARG: started with others by a program that does not know MPI, so that all would do the same. */
LCT_MUST_CHECK enum lct_status ranks_join(const struct lct_comm **out, struct lct_err *err);

/** Wait for the others and part. */
void ranks_part(void);

#endif
