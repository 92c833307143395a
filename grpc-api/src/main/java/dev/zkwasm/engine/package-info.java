/**
 * The one door from the service and the command line to lowering, execution, proving and
 * verification.
 */
package dev.zkwasm.engine;
