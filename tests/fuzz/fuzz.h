/* fuzz.h -- what the harnesses share */
#ifndef LCTEM_TESTS_FUZZ_H
#define LCTEM_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/** libFuzzer's entry; replay.c calls it too. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/** A path under which exactly these bytes can be read. Slot 0 or 1: two files at once. */
const char *fuzz_file(int slot, const uint8_t *data, size_t n);

#endif
