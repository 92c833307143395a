package dev.zkwasm.compute;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.function.Function;

/**
 * The one place where a compute backend is chosen. It logs what it chose, and every refusal with
 * its reason.
 */
public final class Backends {
  /** Chooses the available backend of highest priority. */
  public static final String AUTO = "auto";

  private static final Logger LOG = System.getLogger(Backends.class.getName());

  private Backends() {}

  /**
   * A provider and what it says about this machine.
   *
   * @param provider the provider
   * @param availability what its probe found
   */
  public record Candidate(BackendProvider provider, Availability availability) {}

  /**
   * Every backend on the class path, probed, in the order in which automatic selection tries them.
   */
  public static List<Candidate> candidates() {
    List<Candidate> found = new ArrayList<>();
    for (BackendProvider provider : providers()) {
      found.add(new Candidate(provider, provider.probe()));
    }
    return found;
  }

  /**
   * Opens a backend by name, or the best one for {@link #AUTO}. A backend asked for by name is
   * never replaced by another.
   *
   * @param name {@code auto}, {@code cpu}, {@code cuda}, {@code tornado} or {@code fpga}
   * @throws BackendException if there is no backend of that name, it is not available, or it fails
   *     to open; the message says why and what there is
   */
  public static ComputeBackend open(String name, BackendOptions options) {
    return select(name, options, providers());
  }

  /**
   * Opens a backend as {@link #open} does, on all devices that it may use.
   *
   * @return one per device, at least one
   * @throws BackendException as {@link #open} does
   */
  public static List<ComputeBackend> openAll(String name, BackendOptions options) {
    return select(name, providers(), provider -> provider.openAll(options));
  }

  static ComputeBackend select(
      String name, BackendOptions options, List<BackendProvider> providers) {
    return select(name, providers, provider -> List.of(provider.open(options))).getFirst();
  }

  private static List<ComputeBackend> select(
      String name,
      List<BackendProvider> providers,
      Function<BackendProvider, List<ComputeBackend>> open) {
    boolean auto = name.equals(AUTO);
    List<String> refusals = new ArrayList<>();
    boolean known = false;
    for (BackendProvider provider : providers) {
      if (auto ? provider.priority() < 0 : !provider.name().equals(name)) {
        continue;
      }
      known = true;
      Availability availability = provider.probe();
      if (!availability.available()) {
        refuse(refusals, provider, availability.detail());
        continue;
      }
      try {
        List<ComputeBackend> backends = open.apply(provider);
        for (ComputeBackend backend : backends) {
          LOG.log(Level.INFO, "compute backend: {0} ({1})", backend.name(), backend.description());
        }
        return backends;
      } catch (BackendException e) {
        refuse(refusals, provider, String.valueOf(e.getMessage()));
      }
    }
    if (!known) {
      List<String> names = providers.stream().map(BackendProvider::name).toList();
      throw new BackendException("no compute backend named " + name + "; there are " + names);
    }
    throw new BackendException("no usable compute backend: " + String.join("; ", refusals));
  }

  private static void refuse(List<String> refusals, BackendProvider provider, String reason) {
    refusals.add(provider.name() + ": " + reason);
    LOG.log(Level.INFO, "compute backend {0} not used: {1}", provider.name(), reason);
  }

  private static List<BackendProvider> providers() {
    List<BackendProvider> providers = new ArrayList<>();
    Iterator<BackendProvider> it = ServiceLoader.load(BackendProvider.class).iterator();
    while (true) {
      try {
        if (!it.hasNext()) {
          break;
        }
        providers.add(it.next());
      } catch (ServiceConfigurationError | LinkageError e) {
        // A provider that cannot even be loaded must not take the others with it.
        LOG.log(Level.WARNING, "a compute backend could not be loaded: {0}", e.toString());
      }
    }
    providers.sort(
        Comparator.comparingInt(BackendProvider::priority)
            .reversed()
            .thenComparing(BackendProvider::name));
    return providers;
  }
}
