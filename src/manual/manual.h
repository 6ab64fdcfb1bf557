/* What is generated from the option table when the program is built: the manual page, and files
 * that teach shells to complete the command line. */
#ifndef MANUAL_MANUAL_H
#define MANUAL_MANUAL_H

#include "base/buffer.h"
#include "base/error.h"

/* Appends the manual page: `template`, a page in the macros of man(7), in which each line "@NAME@"
 * is replaced by what is generated:
 *
 *   @OPTIONS@       every option, by section
 *   @NMAP_TAKEN@    nmap's options that work
 *   @NMAP_REFUSED@  those that do not, each with what to use instead
 *
 * An error if a line names anything else, or one of them is missing. */
int manual_page(struct buffer *out, const char *template, struct error *err);

/* Append a completion script for that shell. */
void completion_bash(struct buffer *out);
void completion_zsh(struct buffer *out);
void completion_fish(struct buffer *out);

#endif
