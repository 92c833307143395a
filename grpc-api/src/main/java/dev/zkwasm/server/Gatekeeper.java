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
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthGrpc;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.EnumSet;
import java.util.Map;
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

  /** What methods need; all others need only somebody who is known. */
  private static final Map<MethodDescriptor<?, ?>, Scope> SCOPES =
      Map.ofEntries(
          Map.entry(ExtensionsGrpc.getRegisterExtensionMethod(), Scope.SUBMIT),
          Map.entry(ExtensionsGrpc.getDeregisterExtensionMethod(), Scope.ADMIN),
          Map.entry(ProverGrpc.getSubmitOperationMethod(), Scope.SUBMIT),
          Map.entry(ProverGrpc.getSubmitTraceMethod(), Scope.SUBMIT),
          Map.entry(ProverGrpc.getGetUploadMethod(), Scope.SUBMIT),
          Map.entry(ProverGrpc.getExecuteMethod(), Scope.SUBMIT),
          Map.entry(ProverGrpc.getGetJobMethod(), Scope.SUBMIT),
          Map.entry(ProverGrpc.getListJobsMethod(), Scope.SUBMIT),
          Map.entry(ProverGrpc.getWatchJobMethod(), Scope.SUBMIT),
          Map.entry(ProverGrpc.getCancelJobMethod(), Scope.SUBMIT),
          Map.entry(PoolsGrpc.getWatchOperationsMethod(), Scope.VERIFY),
          Map.entry(PoolsGrpc.getWatchPostOpsMethod(), Scope.VERIFY),
          Map.entry(PoolsGrpc.getGetPostOpMethod(), Scope.VERIFY),
          Map.entry(PoolsGrpc.getListPostOpsMethod(), Scope.VERIFY),
          Map.entry(VerifierGrpc.getVerifyProofMethod(), Scope.VERIFY),
          Map.entry(VerifierGrpc.getVerifyBatchMethod(), Scope.VERIFY),
          Map.entry(NodeGrpc.getAnnounceBlockMethod(), Scope.ADMIN));

  /** Health is asked by machines that know nobody. */
  private static final String OPEN_SERVICE = HealthGrpc.SERVICE_NAME;

  private final Access access;
  private final CallRates rates;
  private final Telemetry telemetry;
  private final Clock clock;

  Gatekeeper(Access access, CallRates rates, Telemetry telemetry, Clock clock) {
    this.access = access;
    this.rates = rates;
    this.telemetry = telemetry;
    this.clock = clock;
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    long start = System.nanoTime();
    String address = address(call);
    String[] client = {address};
    ServerCall<Q, A> measured =
        new SimpleForwardingServerCall<>(call) {
          @Override
          public void close(Status status, Metadata trailers) {
            telemetry.call(
                call.getMethodDescriptor().getFullMethodName(),
                status.getCode().name(),
                System.nanoTime() - start);
            if (isBad(status)) {
              rates.bad(client[0]);
            }
            super.close(status, trailers);
          }
        };
    Caller caller;
    try {
      // Who sends wrong tokens is known by the address only.
      rates.take(address);
      caller = caller(call, headers, address);
      if (!caller.name().equals(address)) {
        rates.take(caller.name());
      }
      client[0] = caller.name();
      check(call.getMethodDescriptor(), caller);
    } catch (StatusRuntimeException e) {
      telemetry.refused(e.getStatus().getCode().name());
      Metadata trailers = e.getTrailers();
      measured.close(e.getStatus(), trailers == null ? new Metadata() : trailers);
      return new ServerCall.Listener<>() {};
    }
    return Contexts.interceptCall(caller.in(Context.current()), measured, headers, next);
  }

  /** Requests that nobody sends by mistake a hundred times. */
  private static boolean isBad(Status status) {
    return switch (status.getCode()) {
      case INVALID_ARGUMENT, UNAUTHENTICATED, PERMISSION_DENIED, UNIMPLEMENTED -> true;
      default -> false;
    };
  }

  private Caller caller(ServerCall<?, ?> call, Metadata headers, String address) {
    if (call.getMethodDescriptor().getFullMethodName().startsWith(OPEN_SERVICE + "/")) {
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
    return new Caller(subject == null ? address : subject, EnumSet.allOf(Scope.class));
  }

  private static void check(MethodDescriptor<?, ?> method, Caller caller) {
    Scope scope = SCOPES.get(method);
    if (scope != null && !caller.may(scope) && !caller.may(Scope.ADMIN)) {
      throw Status.PERMISSION_DENIED
          .withDescription("%s needs scope %s".formatted(method.getBareMethodName(), scope))
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
