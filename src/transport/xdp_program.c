/* The XDP program that hands frames to AF_XDP sockets.
 *
 * It is attached by a bpf_link that nothing but this process's descriptor holds: when the process
 * ends, even by SIGKILL, the kernel closes the descriptor and takes the program off. A link is
 * refused where another program is attached, and keeps others from taking its place.
 *
 * Sources: bpf(2), BPF_LINK_CREATE; Linux, net/core/dev.c (dev_xdp_attach) for the error codes;
 * drivers/net/bonding/bond_main.c (bond_xdp_set), net/xdp/xsk.c (xsk_rcv_check) for bonds. */
#include "transport/xdp_program.h"

#include <endian.h>
#include <errno.h>
#include <linux/if_link.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "transport/af_xdp.skel.h"
#include "transport/interface.h"

static int explain_no_permission(struct error *err)
{
    error_set(err, "AF_XDP needs the capabilities CAP_BPF, CAP_NET_ADMIN and CAP_NET_RAW");
    return error_blame(err, ERROR_PERMISSION);
}

/* Without IPv6 only packets to the unspecified address would be our own, and there are none. */
static void configure_ipv6(struct af_xdp_bpf *loaded, const struct transport_setup *setup)
{
    bool has_ipv6 = (setup->address_ipv6.high | setup->address_ipv6.low) != 0;
    struct ip_number none = {UINT64_MAX, UINT64_MAX};
    struct ip_number mask = has_ipv6 ? setup->address_ipv6_mask : none;
    const uint64_t words[2][2] = {
        {htobe64(setup->address_ipv6.high & mask.high),
         htobe64(setup->address_ipv6.low & mask.low)},
        {htobe64(mask.high), htobe64(mask.low)},
    };
    memcpy(loaded->rodata->own_address_ipv6, words[0], sizeof words[0]);
    memcpy(loaded->rodata->own_address_ipv6_mask, words[1], sizeof words[1]);
}

static void configure(struct af_xdp_bpf *loaded, const struct transport_setup *setup)
{
    loaded->rodata->own_address = setup->address & setup->address_mask;
    loaded->rodata->own_address_mask = setup->address_mask;
    loaded->rodata->own_port = setup->port & setup->port_mask;
    loaded->rodata->own_port_mask = setup->port_mask;
    loaded->rodata->own_vlan = setup->vlan;
    configure_ipv6(loaded, setup);
}

static int load(struct xdp_program *program, const struct transport_setup *setup, unsigned queues,
                struct error *err)
{
    program->loaded = af_xdp_bpf__open();
    if (program->loaded == NULL)
        return error_sys(err, errno, "cannot prepare the XDP program");
    configure(program->loaded, setup);
    bpf_map__set_max_entries(program->loaded->maps.sockets, queues);
    int failed = af_xdp_bpf__load(program->loaded);
    if (failed == -EPERM)
        return explain_no_permission(err);
    return failed == 0 ? 0 : error_sys(err, -failed, "the kernel refuses the XDP program");
}

/* The number of the program that somebody has attached; 0 if there is none. */
static uint32_t program_attached(int interface_index)
{
    uint32_t id = 0;
    return bpf_xdp_query_id(interface_index, 0, &id) == 0 ? id : 0;
}

/* 0, or a negative errno. */
static int try_to_attach(struct xdp_program *program, int interface_index, uint32_t mode)
{
    LIBBPF_OPTS(bpf_link_create_opts, options, .flags = mode);
    int program_fd = bpf_program__fd(program->loaded->progs.to_scanner);
    int fd = bpf_link_create(program_fd, interface_index, BPF_XDP, &options);
    if (fd < 0)
        return fd;
    program->link_fd = fd;
    program->native = mode == XDP_FLAGS_DRV_MODE;
    return 0;
}

/* A bond would run a native program in the drivers of its ports, where frames are not yet its own,
 * so that its AF_XDP sockets get none of them. */
static bool is_bond(const char *interface_name)
{
    struct ifreq flags;
    return interface_ask(interface_name, SIOCGIFFLAGS, &flags, NULL) == 0 &&
           (flags.ifr_flags & IFF_MASTER) != 0;
}

static int try_native(struct xdp_program *program, const struct transport_setup *setup)
{
    if (is_bond(setup->interface_name))
        return -EOPNOTSUPP;
    return try_to_attach(program, setup->interface_index, XDP_FLAGS_DRV_MODE);
}

static int attach(struct xdp_program *program, const struct transport_setup *setup,
                  struct error *err)
{
    const char *name = setup->interface_name;
    uint32_t foreign = program_attached(setup->interface_index);
    if (foreign != 0)
        return error_set(err, "another XDP program (number %u) is attached to the interface %s",
                         foreign, name);
    int native = try_native(program, setup);
    if (native == 0)
        return 0;
    if (native == -EPERM)
        return explain_no_permission(err);
    int generic = try_to_attach(program, setup->interface_index, XDP_FLAGS_SKB_MODE);
    if (generic == 0)
        return 0;
    char why_not_native[128];
    const char *text = strerror_r(-native, why_not_native, sizeof why_not_native);
    return error_sys(err, -generic,
                     "the interface %s takes no XDP program: native mode: %s; generic mode", name,
                     text);
}

int xdp_program_attach(struct xdp_program *program, const struct transport_setup *setup,
                       unsigned queues, struct error *err)
{
    *program = (struct xdp_program){.link_fd = -1};
    libbpf_set_print(NULL); /* whatever there is to say goes through `err` */
    return load(program, setup, queues, err) < 0 ? -1 : attach(program, setup, err);
}

int xdp_program_join(struct xdp_program *program, uint32_t queue, int socket, struct error *err)
{
    int map_fd = bpf_map__fd(program->loaded->maps.sockets);
    int failed = bpf_map_update_elem(map_fd, &queue, &socket, BPF_ANY);
    return failed == 0 ? 0
                       : error_sys(err, -failed,
                                   "the XDP program takes no AF_XDP socket for queue %u", queue);
}

void xdp_program_close(struct xdp_program *program)
{
    if (program->link_fd >= 0)
        close(program->link_fd);
    program->link_fd = -1;
    af_xdp_bpf__destroy(program->loaded);
    program->loaded = NULL;
}
