/* Where files may be read and written from now on: in the folders that were named, and nowhere else
 * (landlock(7), Linux 5.13).
 *
 * It holds for the calling thread and all that it starts, whoever they are and whatever
 * capabilities they have. Files that are open stay as they are. */
#ifndef PRIVILEGE_FOLDERS_H
#define PRIVILEGE_FOLDERS_H

#include <stdint.h>

#include "base/error.h"

struct folders {
    int rules;       /* the kernel's set of rules; -1: it knows none */
    uint64_t rights; /* what may be done in a folder, of what this kernel tells apart */
};

/* Begins with no folder. The kernel may be too old: then nothing is confined. */
int folders_begin(struct folders *folders, struct error *err);

/* Files in this folder, and in those below, may be read, made, written, renamed and removed. A
 * folder that is not there, or cannot be opened, is left out: nothing can be written there anyway.
 */
int folders_allow(struct folders *folders, const char *path, struct error *err);

/* This file may be read. One that is not there is left out. */
int folders_allow_reading(struct folders *folders, const char *path, struct error *err);

/* From now on only there; needs no_new_privs. */
int folders_confine(const struct folders *folders, struct error *err);

/* To be called however the others ended. */
void folders_end(struct folders *folders);

#endif
