/* Errors that end an operation, with the one line a person reads.
 *
 * A function that can fail returns a negative value and fills the caller's `struct error`; the
 * value is passed up unchanged until main prints the text and exits. Positive values are expected
 * cases of a module's own enum. */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

struct error {
    char text[512];
};

/* Writes the message (no newline, no trailing full stop) and returns -1, so that callers write
 * `return error_set(err, ...)`. Text beyond the buffer is cut. `err` may be NULL. */
int error_set(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* As error_set, and appends ": " and the words for `errnum` (an errno value). */
int error_sys(struct error *err, int errnum, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Puts "context: " before the text that is there already, and returns -1. */
int error_context(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
