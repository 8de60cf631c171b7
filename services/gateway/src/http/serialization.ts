import createSelector, { type Serializer, type SerializerCompiler } from "@fastify/fast-json-stringify-compiler";
import type { FastifyInstance } from "fastify";

/**
 * Serializes answers by their schemas, with one serializer per different schema, which is built for the first answer
 * that needs it. By default Fastify builds one for each status of each route, each with all shared schemas: that was
 * more than half of a gateway's start time.
 */
export function registerSerialization(app: FastifyInstance): void {
  const selectCompiler = createSelector();
  const serializers = new Map<string, Serializer>();
  let compile: SerializerCompiler | undefined;
  app.setSerializerCompiler(({ schema, method, url, httpStatus = "" }) => {
    const text = JSON.stringify(schema);
    const known = serializers.get(text);
    if (known !== undefined) return known;
    let own: Serializer | undefined;
    const serialize: Serializer = (answer) => {
      compile ??= selectCompiler(app.getSchemas());
      own ??= compile({ schema, method, url, httpStatus });
      return own(answer);
    };
    serializers.set(text, serialize);
    return serialize;
  });
}
