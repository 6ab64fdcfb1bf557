/* The log of packets over the transport in memory: lines, the capture file, and no room. */
#include "scan/frame_log.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "packet/build.h"
#include "transport/mem.h"

enum { TEXT_MAX = 1 << 20 };

static void reflect(void *context, struct transport *transport, const uint8_t *frame,
                    uint32_t length)
{
    (void)context;
    transport_mem_receive(transport, frame, length);
}

static void drop(void *context, struct transport *transport, const uint8_t *frame, uint32_t length)
{
    (void)context;
    (void)transport;
    (void)frame;
    (void)length;
}

static struct transport_group open_group(unsigned count, transport_mem_peer *peer)
{
    struct transport_group group;
    const struct transport_setup setup = {.instances = count};
    assert_int_equal(transport_group_open(&group, &transport_mem, &setup, NULL), 0);
    for (unsigned i = 0; i < count; i++)
        transport_mem_connect(&group.member[i], peer, NULL);
    return group;
}

static struct frame_log *new_log(const struct frame_log_setup *setup, struct transport_group *group)
{
    struct error err;
    const struct frame_log_link link = {.transports = group};
    struct frame_log *log = frame_log_new(setup, &link, 1, &err);
    if (log == NULL)
        fail_msg("%s", err.text);
    return log;
}

/* Sends frames of TCP to the ports from `first` on; returns how many left. */
static int send_frames(struct transport *transport, unsigned count, uint16_t first)
{
    const struct link_header bare = {.length = 0};
    struct tx_slots slots;
    assert_int_equal(transport->ops->tx_reserve(transport->state, &slots, count, NULL), 0);
    for (unsigned i = 0; i < slots.count; i++) {
        const struct tcp_segment segment = {.source = ip_number_v4(0x0a000001),
                                            .destination = ip_number_v4(0x0a000002),
                                            .source_port = 40000,
                                            .destination_port = (uint16_t)(first + i),
                                            .sequence = 7,
                                            .flags = 2,
                                            .ttl = 64};
        slots.length[i] = (uint32_t)packet_build_tcp(slots.frame[i], &bare, &segment);
    }
    return slots.count == 0 ? 0 : transport->ops->tx_commit(transport->state, &slots, NULL);
}

static unsigned receive_frames(struct transport *transport)
{
    struct rx_frames frames;
    assert_int_equal(transport->ops->rx_peek(transport->state, &frames, NULL), 0);
    transport->ops->rx_release(transport->state);
    return frames.count;
}

static FILE *open_trace(void)
{
    FILE *file = tmpfile();
    assert_non_null(file);
    return file;
}

/* Without the seconds, which nobody knows before. */
static void assert_line(FILE *file, const char *direction, const char *rest)
{
    char line[512], said[5];
    double seconds;
    int behind = 0;
    assert_non_null(fgets(line, sizeof line, file));
    assert_int_equal(sscanf(line, "%4s (%lf) %n", said, &seconds, &behind), 2);
    assert_true(seconds >= 0);
    assert_string_equal(said, direction);
    assert_string_equal(line + behind, rest);
}

#define LINE(port)                                                                                 \
    "TCP  10.0.0.1:40000        > 10.0.0.2:" port "           SYN seq=7 win=0 ttl=64 id=0\n"

static void each_packet_has_a_line(void **state)
{
    (void)state;
    FILE *file = open_trace();
    struct transport_group group = open_group(2, reflect);
    const struct frame_log_setup setup = {.trace_fd = fileno(file)};
    struct frame_log *log = new_log(&setup, &group);
    assert_false(frame_log_has_lines(log));
    assert_int_equal(send_frames(&group.member[0], 2, 80), 2);
    assert_int_equal(receive_frames(&group.member[0]), 2);
    assert_int_equal(send_frames(&group.member[1], 1, 22), 1);
    assert_true(frame_log_has_lines(log));
    assert_int_equal(frame_log_drain(log, NULL), 5);
    assert_int_equal(frame_log_drain(log, NULL), 0);
    rewind(file);
    assert_line(file, "SENT", LINE("80"));
    assert_line(file, "SENT", LINE("81"));
    assert_line(file, "RCVD", LINE("80"));
    assert_line(file, "RCVD", LINE("81"));
    assert_line(file, "SENT", LINE("22"));
    assert_int_equal(fgetc(file), EOF);
    fclose(file);
    transport_group_close(&group);
    frame_log_free(log);
}

/* Sending waits for room, so that no line is missing. */
static void a_trace_is_whole(void **state)
{
    (void)state;
    FILE *file = open_trace();
    struct transport_group group = open_group(1, drop);
    const struct frame_log_setup setup = {.trace_fd = fileno(file)};
    struct frame_log *log = new_log(&setup, &group);
    int sent = 0, batch;
    while ((batch = send_frames(&group.member[0], 256, 1)) > 0)
        sent += batch;
    assert_in_range(sent, 20000, 1000000);
    int lines = 0, taken;
    while ((taken = frame_log_drain(log, NULL)) > 0)
        lines += taken;
    assert_int_equal(lines, sent);
    assert_int_equal(send_frames(&group.member[0], 256, 1), 256);
    assert_int_equal(frame_log_count(log).untraced, 0);
    fclose(file);
    transport_group_close(&group);
    frame_log_free(log);
}

/* What arrives does not: it is left out, and counted. */
static void without_room_received_packets_are_counted(void **state)
{
    (void)state;
    char path[] = "/tmp/frame-log-XXXXXX", notice[256];
    struct error err = {""};
    close(mkstemp(path));
    const struct pcap_file_setup file = {.path = path};
    struct pcap_file *pcap = pcap_file_open(&file, notice, &err);
    struct transport_group group = open_group(1, reflect);
    const struct frame_log_setup setup = {.trace_fd = -1, .pcap = pcap};
    struct frame_log *log = new_log(&setup, &group);
    unsigned received = 0;
    while (frame_log_count(log).unsaved < 1000 && received < 1000000) {
        assert_int_equal(send_frames(&group.member[0], 256, 1), 256); /* never held back */
        received += receive_frames(&group.member[0]);
    }
    int taken;
    while ((taken = frame_log_drain(log, &err)) > 0)
        continue;
    assert_int_equal(taken, 0);
    assert_int_equal(frame_log_flush(log, &err), 0);
    struct frame_log_counts counts = frame_log_count(log);
    assert_in_range(counts.saved, 20000, 1000000);
    assert_int_equal(counts.saved + counts.unsaved, received);
    assert_int_equal(counts.untraced, 0);
    assert_int_equal(pcap_file_close(pcap, &err), 0);
    FILE *stream = fopen(path, "r");
    assert_int_equal(fseek(stream, 0, SEEK_END), 0);
    assert_int_equal(ftell(stream), 24 + counts.saved * (16 + 40));
    fclose(stream);
    unlink(path);
    transport_group_close(&group);
    frame_log_free(log);
}

static void what_cannot_be_printed_is_counted(void **state)
{
    (void)state;
    struct transport_group group = open_group(1, drop);
    const struct frame_log_setup setup = {.trace_fd = open("/dev/full", O_WRONLY)};
    struct frame_log *log = new_log(&setup, &group);
    assert_int_equal(send_frames(&group.member[0], 3, 80), 3);
    assert_int_equal(frame_log_drain(log, NULL), 3);
    assert_int_equal(frame_log_count(log).untraced, 3);
    close(setup.trace_fd);
    transport_group_close(&group);
    frame_log_free(log);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_packet_has_a_line),
        cmocka_unit_test(a_trace_is_whole),
        cmocka_unit_test(without_room_received_packets_are_counted),
        cmocka_unit_test(what_cannot_be_printed_is_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
