import { createHash, createHmac } from "node:crypto";

/** 128 bits: no two customers of an event share a hash by chance. */
const hashBytes = 16;

/** Computes what stands for a customer where limits are counted, so that a reference can be erased. 16 bytes. */
export type HashCustomer = (customerRef: string) => Buffer;

/** @param key CUSTOMER_KEY: without it nobody can try out references against the stored hashes */
export function createCustomerHash(key: Buffer): HashCustomer {
  return (customerRef) => createHmac("sha256", key).update(customerRef).digest().subarray(0, hashBytes);
}

/** What the database keeps of a key, to refuse processes that have another one. 32 bytes. */
export function keyDigest(key: Buffer): Buffer {
  return createHash("sha256").update("onsale key digest ").update(key).digest();
}
