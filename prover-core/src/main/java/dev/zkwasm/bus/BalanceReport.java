package dev.zkwasm.bus;

import dev.zkwasm.air.RowChecker;
import dev.zkwasm.air.TableInstance;
import dev.zkwasm.field.Fr;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Supplier;

/**
 * The exact multiset balance of all buses: which tuples are left over, and who sent or received
 * them. It sums multiplicities in the field, as the proof does, but tuple by tuple. For tests and
 * for finding out what is wrong with a witness; its memory grows with the number of distinct
 * tuples.
 *
 * @param leftovers the tuples whose multiplicities do not cancel, first those met first
 */
public record BalanceReport(List<Leftover> leftovers) {
  /** Sources named per tuple. */
  private static final int SOURCES = 6;

  private static final int PRINTED = 12;

  /**
   * A tuple that does not balance.
   *
   * @param bus its bus
   * @param tuple its entries
   * @param multiplicity what was sent minus what was received; not 0
   * @param sources the first few of its senders and receivers
   */
  public record Leftover(Bus bus, List<Fr> tuple, Fr multiplicity, List<String> sources) {
    public Leftover {
      sources = List.copyOf(sources);
    }

    @Override
    public String toString() {
      return bus + " " + signed(tuple) + " times " + signed(multiplicity) + ": " + sources;
    }

    private static List<String> signed(List<Fr> values) {
      return values.stream().map(Leftover::signed).toList();
    }

    private static String signed(Fr value) {
      String negative = value.negate().toString();
      String positive = value.toString();
      return negative.length() < positive.length() ? "-" + negative : positive;
    }
  }

  private record Key(Bus bus, List<Fr> tuple) {}

  public BalanceReport {
    leftovers = List.copyOf(leftovers);
  }

  /** Sums over all rows of all instances and the verifier's terms. */
  public static BalanceReport of(List<TableInstance> instances, List<BusTerm> terms) {
    Map<Key, Fr> sums = new LinkedHashMap<>();
    forEach(instances, terms, (key, source) -> sums.merge(key, source.multiplicity(), Fr::add));
    sums.values().removeIf(Fr::isZero);
    if (sums.isEmpty()) {
      return new BalanceReport(List.of());
    }
    Map<Key, List<String>> sources = new HashMap<>();
    forEach(
        instances,
        terms,
        (key, source) -> {
          if (sums.containsKey(key)) {
            List<String> of = sources.computeIfAbsent(key, k -> new ArrayList<>());
            if (of.size() < SOURCES) {
              of.add(source.toString());
            }
          }
        });
    List<Leftover> leftovers = new ArrayList<>();
    sums.forEach(
        (key, sum) ->
            leftovers.add(
                new Leftover(key.bus, key.tuple, sum, sources.getOrDefault(key, List.of()))));
    return new BalanceReport(leftovers);
  }

  /** Who contributed; put into words only for what is left over. */
  private record Source(Supplier<String> who, Fr multiplicity) {
    @Override
    public String toString() {
      return who.get();
    }
  }

  private static void forEach(
      List<TableInstance> instances, List<BusTerm> terms, BiConsumer<Key, Source> consumer) {
    for (BusTerm term : terms) {
      String who = term.sign() > 0 ? "sent by the verifier" : "received by the verifier";
      consumer.accept(new Key(term.bus(), term.tuple()), new Source(() -> who, Fr.of(term.sign())));
    }
    for (TableInstance instance : instances) {
      RowChecker rows = new RowChecker(instance.air(), instance);
      for (int i = 0; i < instance.height(); i++) {
        int row = i;
        for (RowChecker.Contribution c : rows.contributions(row)) {
          Supplier<String> who =
              () ->
                  "%s by %s row %d '%s'"
                      .formatted(
                          c.interaction().sign() > 0 ? "sent" : "received",
                          instance.table(),
                          row,
                          c.interaction().label());
          consumer.accept(
              new Key(c.interaction().bus(), c.tuple()), new Source(who, c.multiplicity()));
        }
      }
    }
  }

  public boolean balanced() {
    return leftovers.isEmpty();
  }

  /**
   * Throws if something is left over.
   *
   * @throws IllegalStateException names the first leftovers with their tables and rows
   */
  public void require() {
    if (!balanced()) {
      throw new IllegalStateException(toString());
    }
  }

  @Override
  public String toString() {
    if (balanced()) {
      return "all buses balance";
    }
    StringBuilder text = new StringBuilder(leftovers.size() + " tuples do not balance");
    leftovers.stream().limit(PRINTED).forEach(l -> text.append("\n  ").append(l));
    return text.toString();
  }
}
