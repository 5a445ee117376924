/** The compressed file of one output, under its temporary name. */
import { createWriteStream, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { finished, type Writable } from 'node:stream';
import { createGzip, gzipSync } from 'node:zlib';

/** Up to this many bytes wait in memory for the end. */
const SMALL = 256 * 1024;

/**
 * A small output is written in one go when it is complete (one compression, one write: a short step must not pay for a stream);
 * a larger one flows through gzip from the moment it has outgrown memory.
 */
export function createOutputFile(path: string) {
  let small: Buffer[] = [];
  let size = 0;
  let gzip: Writable | null = null;
  let file: Writable | null = null;
  const flow = (): Writable => {
    mkdirSync(dirname(path), { recursive: true });
    const zip = createGzip({ level: 1, chunkSize: 128 * 1024 });
    file = zip.pipe(createWriteStream(path, { mode: 0o600 }));
    file.on('error', (error) => zip.destroy(error));
    // The writer learns of it through its callback; without a listener the process would end.
    zip.on('error', () => undefined);
    gzip = zip;
    return zip;
  };
  return {
    write(chunk: Buffer, done: (error?: Error | null) => void) {
      size += chunk.length;
      if (gzip !== null) return void gzip.write(chunk, done);
      small.push(chunk);
      if (size <= SMALL) return done();
      const all = Buffer.concat(small);
      small = [];
      try {
        flow().write(all, done);
      } catch (error) {
        // The folder cannot be made. Thrown here, it would end the process: whoever writes is the connection to a host.
        done(asError(error));
      }
    },
    end(done: (error?: Error | null) => void) {
      if (gzip === null || file === null) return done(writeSmall(path, Buffer.concat(small)));
      finished(file, (error) => done(error));
      gzip.end();
    },
    discard() {
      gzip?.destroy();
      file?.destroy();
      rmSync(path, { force: true });
    },
  };
}

function writeSmall(path: string, content: Buffer): Error | null {
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, gzipSync(content, { level: 1 }), { mode: 0o600 });
    return null;
  } catch (error) {
    return asError(error);
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
