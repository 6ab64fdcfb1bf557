/* Giving a file another name without replacing any other file. */
#ifndef OUTPUT_MOVE_H
#define OUTPUT_MOVE_H

/* Renames `from` to `to` in one step, unless `to` exists: then -1 with errno EEXIST. EXDEV: it is
 * on another file system. */
int rename_to_new(const char *from, const char *to);

/* The same to another file system: `to` appears when all of `from` is on its disk, then `from`
 * goes. -1 with errno: nothing is changed. */
int copy_to_new(const char *from, const char *to);

#endif
