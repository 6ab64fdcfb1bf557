/* Finding the end of the last whole record in a text document that is to be continued.
 *
 * A window over the file's end is looked at, line by line backwards: first the unfinished line, if
 * there is one, which must at least begin like a line of the format; then lines of the trailer;
 * then a record, or the header. If the window does not reach that far, a larger one is read. What
 * is no line of the format stops the search: the file is somebody else's, and stays as it is. */
#include "output/text_resume.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WINDOW_FIRST = 1 << 16, WINDOW_MAX = 1 << 24, PASS_WINDOW = 1 << 20 };

/* A line without its newline; `text` is not NUL-terminated. */
struct line {
    const char *text;
    size_t length;
};

/* The outcomes of looking at one window, beyond those of enum resume_outcome. */
enum { SEE_MORE = 100, SEE_FOREIGN };

struct window {
    const char *text;
    size_t length;
    bool whole; /* it begins where the file begins */
};

static bool fits(const struct line_form *form, struct line line)
{
    size_t prefix = strlen(form->prefix);
    size_t suffix = form->suffix == NULL ? 0 : strlen(form->suffix);
    if (line.length < prefix + suffix || (form->suffix == NULL && line.length != prefix))
        return false;
    if (memcmp(line.text, form->prefix, prefix) != 0)
        return false;
    if (suffix > 0 && memcmp(line.text + line.length - suffix, form->suffix, suffix) != 0)
        return false;
    for (size_t i = 0; form->alphabet != NULL && i < line.length; i++)
        if (line.text[i] == '\0' || strchr(form->alphabet, line.text[i]) == NULL)
            return false;
    return line.length > 0;
}

static enum line_kind classify(const struct text_layout *layout, struct line line)
{
    if (line.length > 0 && line.text[line.length - 1] == '\r')
        line.length--;
    for (unsigned i = 0; i < layout->form_count; i++)
        if (fits(&layout->forms[i], line))
            return layout->forms[i].kind;
    return LINE_FOREIGN;
}

/* Whether an unfinished line can have become one of the format. */
static bool begins_well(const struct text_layout *layout, struct line line)
{
    for (unsigned i = 0; i < layout->form_count; i++) {
        const struct line_form *form = &layout->forms[i];
        if (form->alphabet != NULL) {
            if (fits(form, line))
                return true;
            continue;
        }
        size_t prefix = strlen(form->prefix);
        if (memcmp(line.text, form->prefix, line.length < prefix ? line.length : prefix) == 0)
            return true;
    }
    return false;
}

/* Where the line that ends before `end` begins. */
static size_t line_start(const struct window *window, size_t end)
{
    const char *newline = memrchr(window->text, '\n', end);
    return newline == NULL ? 0 : (size_t)(newline - window->text) + 1;
}

/* Looks at one window. `at` becomes the place where the document goes on, relative to the window;
 * for SEE_FOREIGN `odd` is the line that does not fit. */
static int look(const struct text_layout *layout, const struct window *window, size_t *at,
                enum line_kind *kind, struct line *odd)
{
    size_t end = window->length, start = line_start(window, end);
    if (start == 0 && !window->whole)
        return SEE_MORE;
    *odd = (struct line){window->text + start, end - start};
    if (odd->length > 0 && !begins_well(layout, *odd))
        return SEE_FOREIGN;
    for (end = start; end > 0; end = start) {
        start = line_start(window, end - 1);
        if (start == 0 && !window->whole)
            return SEE_MORE;
        *odd = (struct line){window->text + start, end - 1 - start};
        *kind = classify(layout, *odd);
        *at = end;
        if (*kind == LINE_RECORD || *kind == LINE_HEADER_END)
            return RESUME_BEHIND;
        if (*kind == LINE_FOREIGN)
            return SEE_FOREIGN;
        if (*kind == LINE_HEADER)
            return RESUME_FRESH;
    }
    return RESUME_FRESH;
}

static int refuse(const struct text_layout *layout, struct line odd, struct error *err)
{
    char shown[61];
    size_t length = odd.length < sizeof shown - 1 ? odd.length : sizeof shown - 1;
    for (size_t i = 0; i < length; i++)
        shown[i] = odd.text[i] >= ' ' && odd.text[i] <= '~' ? odd.text[i] : '?';
    shown[length] = '\0';
    return error_set(err,
                     "its end, \"%s\", is not of the format %s; append in the format the file has, "
                     "or name another file",
                     shown, layout->name);
}

/* One window of the last `length` bytes. */
static int look_at_end(const struct text_layout *layout, const struct earlier_file *file,
                       char *bytes, size_t length, struct text_end *end, struct error *err)
{
    uint64_t offset = file->size - length;
    int result = file->read(file->context, offset, bytes, length, err);
    if (result < 0)
        return result;
    struct window window = {bytes, length, offset == 0};
    struct line odd = {0};
    enum line_kind kind = LINE_FOREIGN;
    size_t at = 0;
    result = look(layout, &window, &at, &kind, &odd);
    if (result == SEE_FOREIGN)
        return refuse(layout, odd, err);
    end->offset = offset + at;
    end->has_records = kind == LINE_RECORD;
    size_t cut = length - at < sizeof end->cut - 1 ? length - at : sizeof end->cut - 1;
    memcpy(end->cut, bytes + at, cut);
    end->cut[cut] = '\0';
    return result;
}

int text_resume(const struct text_layout *layout, const struct earlier_file *file,
                struct text_end *end, struct error *err)
{
    *end = (struct text_end){0};
    struct earlier_file text = *file;
    if (earlier_zeros(file, &text.size, err) < 0)
        return -1;
    if (text.size == 0)
        return RESUME_FRESH;
    for (size_t window = WINDOW_FIRST; window <= WINDOW_MAX; window *= 16) {
        size_t length = text.size < window ? (size_t)text.size : window;
        char *bytes = malloc(length);
        if (bytes == NULL)
            return error_set(err, "no memory to read its end");
        int result = look_at_end(layout, &text, bytes, length, end, err);
        free(bytes);
        if (result != SEE_MORE)
            return result;
    }
    return error_set(err, "its last %d bytes hold no record of the format %s; name another file",
                     WINDOW_MAX, layout->name);
}

int text_resume_offset(const struct text_layout *layout, const struct earlier_file *file,
                       uint64_t *offset, struct error *err)
{
    struct text_end end;
    int result = text_resume(layout, file, &end, err);
    *offset = end.offset;
    return result;
}

/* A pass over all lines, window by window; a line that does not end in one begins the next. */
struct pass {
    void (*see)(void *context, const char *head, size_t length);
    void *context;
    bool inside; /* a line so long that its head was seen in an earlier window */
};

/* Returns how many bytes of the window are done with. */
static size_t see_lines(struct pass *pass, const char *text, size_t length, bool last)
{
    size_t at = 0;
    while (at < length) {
        const char *newline = memchr(text + at, '\n', length - at);
        size_t next = newline == NULL ? length : (size_t)(newline - text) + 1;
        if (newline == NULL && !last && at > 0)
            return at;
        size_t head = next - at < LINE_HEAD_SIZE ? next - at : LINE_HEAD_SIZE;
        if (!pass->inside)
            pass->see(pass->context, text + at, head);
        pass->inside = newline == NULL;
        at = next;
    }
    return length;
}

int text_each_line(const struct earlier_file *file, uint64_t end,
                   void (*see)(void *context, const char *head, size_t length), void *context,
                   struct error *err)
{
    struct pass pass = {.see = see, .context = context};
    int result = 0;
    char *window = malloc(PASS_WINDOW);
    if (window == NULL)
        return error_set(err, "no memory to read it");
    for (uint64_t offset = 0; offset < end && result == 0;) {
        size_t length = end - offset < PASS_WINDOW ? (size_t)(end - offset) : PASS_WINDOW;
        result = file->read(file->context, offset, window, length, err);
        if (result == 0)
            offset += see_lines(&pass, window, length, offset + length == end);
    }
    free(window);
    return result;
}
