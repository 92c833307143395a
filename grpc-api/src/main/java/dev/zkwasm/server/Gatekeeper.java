package dev.zkwasm.server;

import dev.zkwasm.proto.v1.ExtensionsGrpc;
import dev.zkwasm.proto.v1.NodeGrpc;
import dev.zkwasm.proto.v1.PoolsGrpc;
import dev.zkwasm.proto.v1.ProverGrpc;
import dev.zkwasm.proto.v1.VerifierGrpc;
import dev.zkwasm.server.Caller.Scope;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.channelz.v1.ChannelzGrpc;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * Stands before every call: finds out who makes it and whether they may, counts it against their
 * rate, and measures it.
 */
final class Gatekeeper implements ServerInterceptor {
  static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  private static final String BEARER = "Bearer ";

  /** What methods need, by full name. A method that is in neither list is for nobody. */
  private static final Map<String, Scope> SCOPES =
      Map.ofEntries(
          needs(ExtensionsGrpc.getRegisterExtensionMethod(), Scope.SUBMIT),
          needs(ExtensionsGrpc.getDeregisterExtensionMethod(), Scope.ADMIN),
          needs(ProverGrpc.getSubmitOperationMethod(), Scope.SUBMIT),
          needs(ProverGrpc.getSubmitTraceMethod(), Scope.SUBMIT),
          needs(ProverGrpc.getGetUploadMethod(), Scope.SUBMIT),
          needs(ProverGrpc.getExecuteMethod(), Scope.SUBMIT),
          needs(ProverGrpc.getGetJobMethod(), Scope.SUBMIT),
          needs(ProverGrpc.getListJobsMethod(), Scope.SUBMIT),
          needs(ProverGrpc.getWatchJobMethod(), Scope.SUBMIT),
          needs(ProverGrpc.getCancelJobMethod(), Scope.SUBMIT),
          needs(PoolsGrpc.getWatchOperationsMethod(), Scope.VERIFY),
          needs(PoolsGrpc.getWatchPostOpsMethod(), Scope.VERIFY),
          needs(PoolsGrpc.getGetPostOpMethod(), Scope.VERIFY),
          needs(PoolsGrpc.getListPostOpsMethod(), Scope.VERIFY),
          needs(VerifierGrpc.getVerifyProofMethod(), Scope.VERIFY),
          needs(VerifierGrpc.getVerifyBatchMethod(), Scope.VERIFY),
          needs(NodeGrpc.getAnnounceBlockMethod(), Scope.ADMIN));

  /** Methods that need only somebody who is known. */
  private static final Set<String> OPEN_TO_ALL_KNOWN =
      Set.of(
          ExtensionsGrpc.getGetExtensionMethod().getFullMethodName(),
          ExtensionsGrpc.getListExtensionsMethod().getFullMethodName(),
          NodeGrpc.getGetCapabilitiesMethod().getFullMethodName(),
          ServerReflectionGrpc.getServerReflectionInfoMethod().getFullMethodName(),
          Guard.UNKNOWN_METHOD);

  /** Health is asked by machines that know nobody. */
  private static final String OPEN_SERVICE = HealthGrpc.SERVICE_NAME;

  /** It shows who is connected. */
  private static final String ADMIN_SERVICE = ChannelzGrpc.SERVICE_NAME;

  private static Map.Entry<String, Scope> needs(MethodDescriptor<?, ?> method, Scope scope) {
    return Map.entry(method.getFullMethodName(), scope);
  }

  private final Access access;
  private final CallRates rates;
  private final Telemetry telemetry;
  private final Clock clock;
  private final AtomicInteger open = new AtomicInteger();

  Gatekeeper(Access access, CallRates rates, Telemetry telemetry, Clock clock) {
    this.access = access;
    this.rates = rates;
    this.telemetry = telemetry;
    this.clock = clock;
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    String address = address(call);
    Measured<Q, A> measured = new Measured<>(call, address);
    Caller caller;
    try {
      // Who sends wrong tokens is known by the address only.
      rates.take(address);
      caller = caller(call, headers, address);
      if (!caller.name().equals(address)) {
        rates.take(caller.name());
      }
      measured.client = caller.name();
      check(call.getMethodDescriptor(), caller);
    } catch (StatusRuntimeException e) {
      telemetry.refused(e.getStatus().getCode().name());
      Metadata trailers = e.getTrailers();
      measured.close(e.getStatus(), trailers == null ? new Metadata() : trailers);
      return measured.heard(new ServerCall.Listener<>() {});
    }
    return measured.heard(
        Contexts.interceptCall(caller.in(Context.current()), measured, headers, next));
  }

  /** Calls that are open. */
  int open() {
    return open.get();
  }

  /** A call that is counted: when it begins, when it is answered or cancelled, when it is over. */
  private final class Measured<Q, A> extends SimpleForwardingServerCall<Q, A> {
    private final long start = System.nanoTime();
    private final AtomicBoolean answered = new AtomicBoolean();
    private volatile String client;

    Measured(ServerCall<Q, A> call, String client) {
      super(call);
      this.client = client;
      open.incrementAndGet();
    }

    @Override
    public void close(Status status, Metadata trailers) {
      answered(status);
      super.close(status, trailers);
    }

    private void answered(Status status) {
      if (!answered.getAndSet(true)) {
        telemetry.call(
            getMethodDescriptor().getFullMethodName(),
            status.getCode().name(),
            System.nanoTime() - start);
        if (isBad(status)) {
          rates.bad(client);
        }
      }
    }

    ServerCall.Listener<Q> heard(ServerCall.Listener<Q> listener) {
      return new SimpleForwardingServerCallListener<>(listener) {
        @Override
        public void onCancel() {
          open.decrementAndGet();
          answered(Status.CANCELLED);
          super.onCancel();
        }

        @Override
        public void onComplete() {
          open.decrementAndGet();
          super.onComplete();
        }
      };
    }
  }

  /** Requests that nobody sends by mistake a hundred times. */
  private static boolean isBad(Status status) {
    return switch (status.getCode()) {
      case INVALID_ARGUMENT, UNAUTHENTICATED, PERMISSION_DENIED, UNIMPLEMENTED -> true;
      default -> false;
    };
  }

  private Caller caller(ServerCall<?, ?> call, Metadata headers, String address) {
    if (OPEN_SERVICE.equals(call.getMethodDescriptor().getServiceName())) {
      return new Caller(address, EnumSet.noneOf(Scope.class));
    }
    Tokens tokens = access.tokens();
    if (tokens != null) {
      String header = headers.get(AUTHORIZATION);
      if (header == null || !header.startsWith(BEARER)) {
        throw Status.UNAUTHENTICATED
            .withDescription("a bearer token is needed: authorization: Bearer ...")
            .asRuntimeException();
      }
      try {
        return tokens.verify(header.substring(BEARER.length()), clock);
      } catch (Tokens.BadToken e) {
        throw Status.UNAUTHENTICATED
            .withDescription("the bearer token will not do: " + e.getMessage())
            .asRuntimeException();
      }
    }
    String subject = subject(call);
    Access.Tls tls = access.tls();
    if (subject == null || tls == null || tls.clients() == null) {
      return new Caller(address, EnumSet.allOf(Scope.class));
    }
    return new Caller(
        subject,
        tls.admins().contains(subject)
            ? EnumSet.allOf(Scope.class)
            : EnumSet.of(Scope.SUBMIT, Scope.VERIFY));
  }

  private static void check(MethodDescriptor<?, ?> method, Caller caller) {
    String name = method.getFullMethodName();
    if (OPEN_TO_ALL_KNOWN.contains(name) || OPEN_SERVICE.equals(method.getServiceName())) {
      return;
    }
    Scope scope = ADMIN_SERVICE.equals(method.getServiceName()) ? Scope.ADMIN : SCOPES.get(name);
    if (scope == null) {
      throw Status.PERMISSION_DENIED
          .withDescription(method.getBareMethodName() + " is for nobody")
          .asRuntimeException();
    }
    if (!(caller.may(scope) || caller.may(Scope.ADMIN))) {
      throw Status.PERMISSION_DENIED
          .withDescription(
              "%s needs scope %s"
                  .formatted(method.getBareMethodName(), scope.name().toLowerCase(Locale.ROOT)))
          .asRuntimeException();
    }
  }

  private static @Nullable String subject(ServerCall<?, ?> call) {
    SSLSession session = call.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION);
    if (session == null) {
      return null;
    }
    try {
      Certificate[] certificates = session.getPeerCertificates();
      return certificates[0] instanceof X509Certificate x509
          ? x509.getSubjectX500Principal().getName()
          : null;
    } catch (SSLPeerUnverifiedException e) {
      // Clients need no certificate.
      return null;
    }
  }

  private static String address(ServerCall<?, ?> call) {
    SocketAddress address = call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
    return address instanceof InetSocketAddress inet && inet.getAddress() != null
        ? inet.getAddress().getHostAddress()
        : "local";
  }
}
