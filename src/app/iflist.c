/* --iflist: the network interfaces, the way to the rest of the world, and what a scan would use. */
#include <stdio.h>

#include "app/app.h"
#include "transport/interface.h"

static const char *kind_of(const struct interface *interface)
{
    if (interface->loopback)
        return "loopback";
    return interface->has_ethernet ? "ethernet" : "raw-ip";
}

static void print_interface(const struct interface *interface)
{
    char mac[MAC_TEXT_SIZE] = "-", ip[IP_TEXT_SIZE], address[IP_TEXT_SIZE + 16] = "-";
    if (interface->has_ethernet && !interface->loopback)
        mac_format(&interface->mac, mac);
    if (interface->has_address) {
        struct ip_address value = ip_from_v4(interface->address);
        snprintf(address, sizeof address, "%s/%u", ip_format(&value, ip), interface->prefix);
    }
    printf("%5d  %-15s  %-5s  %-8s  %5u  %-17s  %s\n", interface->index, interface->name,
           interface->up ? "up" : "down", kind_of(interface), interface->mtu, mac, address);
}

/* " (at 02-00-00-00-00-01)", as far as the kernel knows it; nobody is asked. */
static int print_gateway(const struct interface *interface, struct error *err)
{
    char text[IP_TEXT_SIZE], mac_text[MAC_TEXT_SIZE];
    struct ip_address gateway = ip_from_v4(interface->gateway);
    struct mac_address mac;
    int known = interface_neighbour(interface, interface->gateway, &mac, err);
    if (known < 0)
        return -1;
    printf(" via %s (%s%s)", ip_format(&gateway, text),
           known ? "at " : "hardware address not known", known ? mac_format(&mac, mac_text) : "");
    return 0;
}

static int print_route(const struct interface *interface, struct error *err)
{
    printf("default route: %s", interface->name);
    if (interface->has_gateway && print_gateway(interface, err) < 0)
        return -1;
    printf(", metric %u\n", interface->default_route_metric);
    return 0;
}

static int print_list(const struct interface_list *list, struct error *err)
{
    size_t routes = 0;
    printf("%5s  %-15s  %-5s  %-8s  %5s  %-17s  %s\n", "index", "name", "state", "kind", "mtu",
           "mac", "address");
    for (size_t i = 0; i < list->count; i++)
        print_interface(&list->interfaces[i]);
    printf("\n");
    for (size_t i = 0; i < list->count; i++) {
        if (!list->interfaces[i].has_default_route)
            continue;
        if (print_route(&list->interfaces[i], err) < 0)
            return -1;
        routes++;
    }
    if (routes == 0)
        printf("default route: none\n");
    return 0;
}

static void print_choice(void)
{
    struct interface chosen;
    struct error why = {""};
    if (interface_find(&chosen, NULL, &why) == 0)
        printf("without --adapter a scan uses: %s\n", chosen.name);
    else
        printf("without --adapter a scan is refused: %s\n", why.text);
}

int app_iflist(struct error *err)
{
    struct interface_list list;
    if (interface_list_load(&list, err) < 0)
        return -1;
    int status = print_list(&list, err);
    interface_list_free(&list);
    if (status < 0)
        return -1;
    print_choice();
    if (fflush(stdout) != 0 || ferror(stdout))
        return error_set(err, "cannot write to standard output");
    return EXIT_COMPLETE;
}
