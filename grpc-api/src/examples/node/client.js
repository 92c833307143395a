// Registers an Extension, has an Operation proven, and asks for the verdict on the result.
//   node client.js HOST:PORT MODULE.wasm INPUT [PRIVATE_INPUT]
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import grpc from '@grpc/grpc-js';
import loader from '@grpc/proto-loader';

const [address, modulePath, input, secret = ''] = process.argv.slice(2);
const files = ['extensions', 'prover', 'verifier'].map((name) => `zkwasm/prover/v1/${name}.proto`);
const protos = fileURLToPath(new URL('../../main/proto', import.meta.url));
const { Extensions, Prover, Verifier } = grpc.loadPackageDefinition(
  loader.loadSync(files, { includeDirs: [protos], longs: String, enums: String, defaults: true }),
).zkwasm.prover.v1;
// Without TLS or a token: for a node on this machine. The node's own limit on messages is above the library's.
const [extensions, prover, verifier] = [Extensions, Prover, Verifier].map(
  (Service) => new Service(address, grpc.credentials.createInsecure(), { 'grpc.max_receive_message_length': -1 }),
);
const unary = (client, method) => promisify(client[method]).bind(client);

const wasm = readFileSync(modulePath);
const extension = await new Promise((resolve, reject) => {
  const call = extensions.RegisterExtension((error, answer) => (error ? reject(error) : resolve(answer)));
  call.write({ metadata: { developer: 'me' } });
  for (let at = 0; at < wasm.length; at += 1 << 20) call.write({ chunk: wasm.subarray(at, at + (1 << 20)) });
  call.end();
});
console.log(`Extension 0x${extension.extensionId.toString('hex')}`);

// The addresses and block hashes would come from a chain.
const [to, feeRecipient, blockHash, processedBlockHash] = [Buffer.alloc(20, 1), Buffer.alloc(20, 2), Buffer.alloc(32, 3), Buffer.alloc(32, 4)];
const operation = { chainId: 1, extensionId: extension.extensionId, to, gas: 1000000, data: Buffer.from(input), blockHash };
let job = await unary(prover, 'SubmitOperation')({ operation, processedBlockHash, feeRecipient, privateInput: Buffer.from(secret) });
for await (job of prover.WatchJob({ jobId: job.jobId })) console.log(`${job.state} ${job.stage} ${Math.round(100 * job.fraction)} %`);
if (job.state !== 'SUCCEEDED') throw new Error(`the job ended ${job.state}: ${job.failure?.message ?? ''}`);
console.log(`${job.statement.exit.text} after ${job.cost.steps} steps, output 0x${job.postOp.data.toString('hex')}`);

const request = { requestId: job.jobId, operationId: job.operationHash, operation, postOp: job.postOp };
const { verdict, diagnostics } = await unary(verifier, 'VerifyProof')(request);
console.log(`verdict ${verdict}`);
if (verdict !== 'VALID') throw new Error(diagnostics.map((d) => `${d.field}: ${d.message}`).join('; '));
[extensions, prover, verifier].forEach((client) => client.close());
