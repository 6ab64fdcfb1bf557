/* What a transport must give back: the descriptors of this process, counted. */
#ifndef TRANSPORT_TESTING_DESCRIPTORS_H
#define TRANSPORT_TESTING_DESCRIPTORS_H

/* How many there are, and always the same number more; fails the test if they cannot be listed. */
unsigned count_descriptors(void);

#endif
