package dev.zkwasm.table;

import dev.zkwasm.air.RowChecker;
import dev.zkwasm.air.TableInstance;
import dev.zkwasm.bus.BalanceReport;
import dev.zkwasm.bus.BusTerm;
import java.util.List;

/**
 * The filled tables of a run.
 *
 * @param instances in canonical order: that of the {@link TableSet}, then height descending
 * @param verifierTerms the verifier's side of the buses
 */
public record Witness(List<TableInstance> instances, List<BusTerm> verifierTerms) {
  public Witness {
    instances = List.copyOf(instances);
    verifierTerms = List.copyOf(verifierTerms);
  }

  /**
   * Checks every constraint on every row and the balance of all buses, exactly. Slow: for tests and
   * for finding errors.
   *
   * @throws IllegalStateException naming tables, rows and labels if something does not hold
   */
  public void check() {
    RowChecker.require(instances);
    BalanceReport.of(instances, verifierTerms).require();
  }
}
