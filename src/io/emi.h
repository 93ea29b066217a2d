/* emi.h -- what TIA's .emi file says about the series beside it */
#ifndef LCTEM_IO_EMI_H
#define LCTEM_IO_EMI_H

#include "reader.h"

/** Look for the .emi that belongs to the .ser file source->info.path (name_1.ser: name.emi) and note what it says of the
 *  microscope. Nothing happens where there is none, or none that can be understood. */
void emi_note(struct lct_source *source);

#endif
