/* Errors that end an operation, with the one line a person reads.
 *
 * A function that can fail returns a negative value and fills the caller's `struct error`; the
 * value is passed up unchanged until main prints the text and exits. Positive values are expected
 * cases of a module's own enum. */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

/* What kind of thing went wrong, as far as callers of the program care. */
enum error_cause {
    ERROR_INPUT,   /* what was asked for is wrong; also whatever nobody blamed on another cause */
    ERROR_REFUSED, /* it is understood, but not done, for the sake of those who would be scanned */
    ERROR_PERMISSION, /* the system does not let us */
    ERROR_LINK,       /* no interface, no router, or the link was lost */
    ERROR_OUTPUT,     /* results cannot be written */
};

struct error {
    char text[512];
    enum error_cause cause;
};

/* Writes the message (no newline, no trailing full stop); text beyond the buffer is cut. `err` may
 * be NULL. The value is -1, so that callers write `return error_set(err, ...)`. */
#define error_set(...) (error_write(__VA_ARGS__), error_value())

/* As error_set, and appends ": " and the words for `errnum` (an errno value). */
#define error_sys(...) (error_write_sys(__VA_ARGS__), error_value())

/* Puts "context: " before the text that is there already; the value is -1. */
#define error_context(...) (error_prefix(__VA_ARGS__), error_value())

/* Says what kind of error it is, unless somebody nearer to it has said so; the value is -1. */
int error_blame(struct error *err, enum error_cause cause);

/* Puts "; text" behind the text that is there already, unless it says so already: for what goes
 * wrong while something else has failed. The value is -1. */
#define error_add(...) (error_append(__VA_ARGS__), error_value())

/* A further step has failed with `late`: `err` tells that too, behind what it tells of `result` if
 * that is a failure already. The value is -1. */
int error_join(int result, const struct error *late, struct error *err);

/* What stands behind the macros, which exist so that compilers and analysers see the value. */
static inline int error_value(void)
{
    return -1;
}

void error_write(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));
void error_write_sys(struct error *err, int errnum, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void error_prefix(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));
void error_append(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
