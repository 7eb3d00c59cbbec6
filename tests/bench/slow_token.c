/* A PKCS#11 module that is SoftHSM with a network in front: every signature takes some milliseconds longer, and signatures of
 * different sessions wait at the same time. Built with cc when it is needed; SCEAU_SLOW_MODULE names the real module,
 * SCEAU_SLOW_MICROS the delay. PKCS#11 v2.40 section 5.1: the function list is a version and 68 pointers in a fixed order. */
#define _DEFAULT_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define C_GET_FUNCTION_LIST 3
#define C_SIGN 43
#define FUNCTIONS 68
#define CKR_GENERAL_ERROR 5UL

struct function_list {
    unsigned char version[2];
    void *functions[FUNCTIONS];
};

typedef unsigned long (*sign_function)(unsigned long, unsigned char *, unsigned long, unsigned char *, unsigned long *);
typedef unsigned long (*list_function)(struct function_list **);

static struct function_list slow;
static sign_function real_sign;
static useconds_t delay;

static unsigned long sign(unsigned long session, unsigned char *data, unsigned long length, unsigned char *signature,
                          unsigned long *signature_length)
{
    /* Asking for the length alone does not sign. */
    if (signature)
        usleep(delay);
    return real_sign(session, data, length, signature, signature_length);
}

unsigned long C_GetFunctionList(struct function_list **list)
{
    const char *module = getenv("SCEAU_SLOW_MODULE"), *micros = getenv("SCEAU_SLOW_MICROS");
    void *library = module ? dlopen(module, RTLD_NOW | RTLD_LOCAL) : NULL;
    list_function real = library ? (list_function)dlsym(library, "C_GetFunctionList") : NULL;
    struct function_list *functions;

    if (!real || !micros || real(&functions))
        return CKR_GENERAL_ERROR;
    delay = (useconds_t)atoi(micros);
    memcpy(&slow, functions, sizeof slow);
    real_sign = (sign_function)functions->functions[C_SIGN];
    slow.functions[C_GET_FUNCTION_LIST] = (void *)C_GetFunctionList;
    slow.functions[C_SIGN] = (void *)sign;
    *list = &slow;
    return 0;
}
