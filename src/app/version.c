/* --version: what was built, of what, and what it can use here. */
#include "app/version.h"

#include <gnu/libc-version.h>

#include "app/app.h"
#include "app/show.h"
#include "base/cpu.h"
#include "output/store.h"
#include "output/writer.h"
#include "transport/transport.h"

#ifdef __clang__
#define COMPILER "clang " __clang_version__
#else
#define COMPILER "gcc " __VERSION__
#endif

static void put_cpu(struct buffer *text)
{
    buffer_text(text, "Instructions: ");
    for (int level = 0; level < CPU_LEVELS; level++)
        buffer_printf(text, "%s%s", level > 0 ? ", " : "", cpu_level_name((enum cpu_level)level));
    buffer_printf(text, "; on this machine %s is used\n", cpu_level_name(cpu_level_best()));
}

static void put_transports(struct buffer *text)
{
    buffer_text(text, "Packet interfaces: ");
    for (const struct transport_ops *const *ops = transport_table; *ops != NULL; ops++)
        buffer_printf(text, "%s%s", (*ops)->name, ops[1] != NULL ? ", " : "\n");
}

static void put_formats(struct buffer *text)
{
    buffer_text(text, "Output formats: ");
    for (const struct store_ops *const *store = store_table; *store != NULL; store++)
        buffer_printf(text, "%s, ", (*store)->name);
    for (const struct writer_ops *const *writer = writer_table; *writer != NULL; writer++)
        buffer_printf(text, "%s%s", (*writer)->name, writer[1] != NULL ? ", " : "\n");
}

int app_version(struct error *err)
{
    struct buffer text;
    buffer_init(&text, SHOW_TEXT_MAXIMUM);
    buffer_printf(&text, "%s version %s\n", APP_NAME, APP_VERSION);
    buffer_printf(&text, "Compiler: %s\n", COMPILER);
    buffer_printf(&text, "Libraries: glibc %s, %s\n", gnu_get_libc_version(), APP_LIBRARIES);
    put_cpu(&text);
    put_transports(&text);
    put_formats(&text);
    return show_text(&text, err);
}
