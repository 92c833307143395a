// Registers an Extension, has an Operation proven, and asks for the verdict on the result.
//   java -cp "JARS/*" Client.java HOST PORT MODULE.wasm INPUT [PRIVATE_INPUT]
import com.google.protobuf.ByteString;
import dev.zkwasm.client.ProverClient;
import dev.zkwasm.proto.v1.*;
import dev.zkwasm.signing.Verdicts;
import java.nio.file.*;
import java.util.HexFormat;

class Client {
  public static void main(String[] args) throws Exception {
    // The addresses and block hashes would come from a chain.
    ByteString address = ByteString.copyFrom(new byte[20]);
    ByteString block = ByteString.copyFrom(new byte[32]);
    // Without TLS or a token: for a node on this machine.
    try (ProverClient client = ProverClient.connect(args[0], Integer.parseInt(args[1]))) {
      Extension extension =
          client.register(
              Files.readAllBytes(Path.of(args[2])),
              RegisterExtensionRequest.Metadata.newBuilder().setDeveloper("me").build());
      Operation operation =
          Operation.newBuilder()
              .setChainId(1)
              .setExtensionId(extension.getExtensionId())
              .setTo(address)
              .setGas(1_000_000)
              .setData(ByteString.copyFromUtf8(args[3]))
              .setBlockHash(block)
              .build();
      Job job =
          client.submit(
              SubmitOperationRequest.newBuilder()
                  .setOperation(operation)
                  .setProcessedBlockHash(block)
                  .setFeeRecipient(address)
                  .setPrivateInput(ByteString.copyFromUtf8(args.length > 4 ? args[4] : ""))
                  .build());
      Job done =
          client.watch(
              job.getJobId(),
              j ->
                  System.out.printf(
                      "%s %s %.0f %%%n", j.getState(), j.getStage(), 100 * j.getFraction()));
      if (done.getState() != Job.State.SUCCEEDED) {
        throw new IllegalStateException(
            "the job ended " + done.getState() + ": " + done.getFailure().getMessage());
      }
      System.out.println(
          done.getStatement().getExit().getText()
              + ": "
              + done.getPostOp().getData().toStringUtf8());
      ProofVerificationResponse answer = client.verify(operation, done.getPostOp());
      byte[] signer =
          Verdicts.signer(
              answer.getRequestId(), answer.getVerdictValue(), answer.getSignature().toByteArray());
      System.out.printf(
          "verdict %s, signed by 0x%s%n", answer.getVerdict(), HexFormat.of().formatHex(signer));
    }
  }
}
