/* folder.h -- the folder of the test that runs: made before it, gone after it. Each test has a process of its own. */
#ifndef SUPPORT_FOLDER_H
#define SUPPORT_FOLDER_H

extern char folder[24];

/** Make the folder, empty; for .init. */
void folder_make(void);
/** Remove it and all that is in it; for .fini. */
void folder_remove(void);
/** The same for other folders. */
void folder_clear(const char *path);

#endif
