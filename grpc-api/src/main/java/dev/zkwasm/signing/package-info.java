/** The node's key: kept encrypted, signs verdicts as Ethereum tools expect. */
package dev.zkwasm.signing;
