import createSelector, { type Serializer, type SerializerCompiler } from "@fastify/fast-json-stringify-compiler";
import type { FastifyInstance } from "fastify";

/**
 * Writes answers by their schemas, with one serializer for each different schema. Left alone, Fastify builds one for each
 * status of each route, each with all shared schemas: that was more than half of the time that a gateway took to start.
 * The shared schemas must be known to the server before its first route is ready.
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
