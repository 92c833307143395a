/** Files of released formats, kept for ever. */
package dev.zkwasm.frozen;
