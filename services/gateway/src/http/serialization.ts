import createSelector, { type Serializer, type SerializerCompiler } from "@fastify/fast-json-stringify-compiler";
import type { FastifyInstance } from "fastify";

/**
 * Serializes answers by their schemas, with one serializer per different schema. By default Fastify builds one for each
 * status of each route, each with all shared schemas: that was more than half of a gateway's start time. The shared
 * schemas must be registered before the first route is ready.
 */
export function registerSerialization(app: FastifyInstance): void {
  const selectCompiler = createSelector();
  const serializers = new Map<string, Serializer>();
  let compile: SerializerCompiler | undefined;
  app.setSerializerCompiler(({ schema, method, url, httpStatus = "" }) => {
    const text = JSON.stringify(schema);
    const known = serializers.get(text);
    if (known !== undefined) return known;
    compile ??= selectCompiler(app.getSchemas());
    const serialize = compile({ schema, method, url, httpStatus });
    serializers.set(text, serialize);
    return serialize;
  });
}
