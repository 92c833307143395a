package dev.zkwasm.prover;

import dev.zkwasm.air.TableInstance;
import dev.zkwasm.keys.ProgramHeader;
import dev.zkwasm.keys.VerifyingKey;
import dev.zkwasm.proof.ConstraintSystem;
import dev.zkwasm.proof.Statement;
import java.util.List;

/** Proves whatever tables it is given, and checks nothing: what an attacker would run. */
public final class UncheckedProver {
  private final Prover prover;

  public UncheckedProver(ConstraintSystem system, Committer committer, VerifyingKey key) {
    this.prover = Prover.forging(system, committer, key);
  }

  public byte[] prove(ProgramHeader header, Statement statement, List<TableInstance> tables) {
    return prover.prove(header, statement, tables, ProverOptions.DEFAULT).proof();
  }
}
