/* Service names: the two lists read once into tables indexed by number.
 *
 * getservbyport would open and read the file again for each record. */
#include "output/services.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "output/result.h"

static const char unknown[] = "unknown";

/* Puts the name into the pool; 0 if it has no room there. */
static uint16_t intern(struct services *services, const char *name)
{
    size_t size = strlen(name) + 1;
    if (size > SERVICE_NAME_MAX + 1 || size > SERVICE_POOL_SIZE - services->pool_used)
        return 0;
    uint16_t offset = (uint16_t)services->pool_used;
    memcpy(services->pool + offset, name, size);
    services->pool_used += (uint32_t)size;
    return offset;
}

static void set_once(struct services *services, uint16_t *slot, const char *name)
{
    if (*slot == 0)
        *slot = intern(services, name);
}

/* "http 80/tcp www". */
static void add_service(struct services *services, const char *name, char *number)
{
    char *after;
    unsigned long port = strtoul(number, &after, 10);
    if (after == number || *after != '/' || port > 65535)
        return;
    if (strcmp(after + 1, "tcp") == 0)
        set_once(services, &services->tcp[port], name);
    else if (strcmp(after + 1, "udp") == 0)
        set_once(services, &services->udp[port], name);
}

/* "icmp 1 ICMP". */
static void add_protocol(struct services *services, const char *name, char *number)
{
    char *after;
    unsigned long protocol = strtoul(number, &after, 10);
    if (after == number || *after != '\0' || protocol > 255)
        return;
    set_once(services, &services->protocols[protocol], name);
}

static void load(struct services *services, const char *path,
                 void (*add)(struct services *, const char *name, char *number))
{
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return;
    char *line = NULL;
    size_t size = 0;
    while (getline(&line, &size, file) >= 0) {
        char *rest;
        line[strcspn(line, "#\n")] = '\0';
        char *name = strtok_r(line, " \t", &rest);
        char *number = name == NULL ? NULL : strtok_r(NULL, " \t", &rest);
        if (number != NULL)
            add(services, name, number);
    }
    free(line);
    fclose(file);
}

void services_load(struct services *services, const char *services_path, const char *protocols_path)
{
    intern(services, unknown);
    load(services, services_path, add_service);
    load(services, protocols_path, add_protocol);
}

const char *services_name(const struct services *services, uint8_t protocol, uint16_t port)
{
    uint16_t offset = protocol == RESULT_TCP   ? services->tcp[port]
                      : protocol == RESULT_UDP ? services->udp[port]
                      : protocol == RESULT_IP  ? services->protocols[port & 0xff]
                                               : services->protocols[protocol];
    return services->pool + offset;
}
