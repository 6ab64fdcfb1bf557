/* libpfring, the library of PF_RING, loaded at run time. */
#include "transport/pfring_library.h"

#include <dlfcn.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

const char *const pfring_library_names[] = {"libpfring.so.1", "libpfring.so", NULL};

static const struct {
    const char *name;
    size_t offset;
} functions[] = {
#define FUNCTION(member)                                                                           \
    {                                                                                              \
        "pfring_" #member, offsetof(struct pfring_library, member)                                 \
    }
    FUNCTION(version_noring), /* first: whoever lacks it is too old for the others */
    FUNCTION(open),
    FUNCTION(close),
    FUNCTION(get_card_settings),
    FUNCTION(set_application_name),
    FUNCTION(set_direction),
    FUNCTION(set_poll_watermark),
    FUNCTION(enable_ring),
    FUNCTION(send),
    FUNCTION(flush_tx_packets),
    FUNCTION(recv),
    FUNCTION(poll),
    FUNCTION(stats),
#undef FUNCTION
};

static void write_version(char text[16], uint32_t version)
{
    snprintf(text, 16, "%u.%u.%u", version >> 16 & 0xff, version >> 8 & 0xff, version & 0xff);
}

/* The reason is that of the first name, which is the one that should be there. */
static int open_file(struct pfring_library *library, const char *const names[], struct error *err)
{
    char reason[256] = "no name";
    for (size_t i = 0; names[i] != NULL && library->handle == NULL; i++) {
        library->handle = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
        if (library->handle == NULL && i == 0)
            snprintf(reason, sizeof reason, "%s", dlerror());
    }
    if (library->handle != NULL)
        return 0;
    return error_set(err,
                     "cannot load the library of PF_RING: %s; the packages pfring, pfring-dkms and "
                     "pfring-drivers-zc-dkms of https://packages.ntop.org have what it takes",
                     reason);
}

static int find_functions(struct pfring_library *library, struct error *err)
{
    char least[16];
    write_version(least, PFRING_LIBRARY_LEAST);
    for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++) {
        void *address = dlsym(library->handle, functions[i].name);
        if (address == NULL)
            return error_set(err,
                             "the library of PF_RING has no function %s (want version %s or "
                             "later)",
                             functions[i].name, least);
        memcpy((char *)library + functions[i].offset, &address, sizeof address);
    }
    return 0;
}

static int check_version(const struct pfring_library *library, struct error *err)
{
    uint32_t version = 0;
    library->version_noring(&version);
    if (version >= PFRING_LIBRARY_LEAST)
        return 0;
    char text[16], least[16];
    write_version(text, version);
    write_version(least, PFRING_LIBRARY_LEAST);
    return error_set(err, "the library of PF_RING is of version %s (want %s or later)", text,
                     least);
}

int pfring_library_load(struct pfring_library *library, const char *const names[],
                        struct error *err)
{
    *library = (struct pfring_library){0};
    if (open_file(library, names, err) < 0)
        return -1;
    if (find_functions(library, err) < 0 || check_version(library, err) < 0) {
        pfring_library_unload(library);
        return -1;
    }
    return 0;
}

void pfring_library_unload(struct pfring_library *library)
{
    if (library->handle != NULL)
        dlclose(library->handle);
    *library = (struct pfring_library){0};
}
