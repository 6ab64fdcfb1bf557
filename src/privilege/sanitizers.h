/* Is this a build with a sanitizer of addresses or threads, whose runtime has needs of its own? */
#ifndef PRIVILEGE_SANITIZERS_H
#define PRIVILEGE_SANITIZERS_H

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define UNDER_SANITIZERS 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define UNDER_SANITIZERS 1
#endif
#endif

#ifndef UNDER_SANITIZERS
#define UNDER_SANITIZERS 0
#endif

#endif
