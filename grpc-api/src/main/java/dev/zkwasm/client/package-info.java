/** A client of the service, for Java programs. */
package dev.zkwasm.client;
