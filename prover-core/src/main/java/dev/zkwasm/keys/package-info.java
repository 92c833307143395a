/** What stands for a program and for the proof system in a verification, and how it is made. */
package dev.zkwasm.keys;
