/* The backend's half: did this request come through the gateway, and just now? For the sample backend and the command line; backends have
 * the packages in sdk/. */
#ifndef COUNTERSIGN_ADMIT_COUNTERSIGN_VERIFY_H
#define COUNTERSIGN_ADMIT_COUNTERSIGN_VERIFY_H

#include "admit/countersign.h"

/* A key as a backend knows it. Of public_key it has the public half alone: `key` is the SubjectPublicKeyInfo in base64, and no secret. */
struct countersign_checker {
    const struct signature_key *key;
    struct cfb *cfb;
    struct public_key *public_key;
};
/* `key` must outlive it. False: it is none of its type, or out of memory. */
bool countersign_checker_prepare(struct countersign_checker *checker, const struct signature_key *key);
void countersign_checker_destroy(struct countersign_checker *checker);

/* `incoming->body` has everything that the type may use of a body: SHA-256; of aliyun MD5, and the form. What the request claims is in
 * *claim, also when it is refused (claim->field). Used by one thread at a time. */
enum refusal countersign_verify(const struct countersign_checker *checker, const struct countersigned *incoming, struct arena *arena,
                                struct claim *claim);

#endif
