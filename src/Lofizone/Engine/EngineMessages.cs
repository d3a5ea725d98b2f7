using System.Text.Json.Serialization;
using Lofizone.Interop;
using Lofizone.Ownership;
using Lofizone.Shares;
using Lofizone.Tracing;

namespace Lofizone.Engine;

/// <summary>The launcher's parameters for an engine, kept in the engine's directory for as long as the engine runs.</summary>
/// <param name="File">URI of the image.</param>
/// <param name="Uid">User ID of the AUTH_SYS credential.</param>
/// <param name="Gid">Group ID of the AUTH_SYS credential.</param>
/// <param name="ClientOwner">Identity of this attachment at the server (co_ownerid): random and unique.</param>
/// <param name="LogFile">Path of the engine's log.</param>
/// <param name="Attachment">Random name of the device, which the owner record carries (<see cref="ImageOwner"/>).</param>
/// <param name="HostRoot">Root of the host's files (<see cref="Lofizone.Hosts.HostPaths.Root"/>).</param>
/// <param name="Trace">The layers that are traced from the start.</param>
internal sealed record EngineParameters(
    string File, uint Uid, uint Gid, byte[] ClientOwner, string LogFile, string Attachment = "", string HostRoot = "/",
    TraceLayers Trace = TraceLayers.None, string? Zone = null)
{
    /// <summary>Identity for the requests to the server.</summary>
    [JsonIgnore]
    public NfsIdentity Identity => new(Uid, Gid);

    /// <summary>Path of the trace, beside the log.</summary>
    [JsonIgnore]
    public string TraceFile => Path.ChangeExtension(LogFile, ".trace");
}

/// <summary>Identity of the engine's process.</summary>
internal sealed record EngineProcessRecord(int Pid, long StartTicks)
{
    public ProcessIdentity Identity => new(Pid, StartTicks);
}

/// <summary>Outcome of an engine's start or stop, one line of JSON.</summary>
internal sealed record EngineReport
{
    public required EngineOutcome Outcome { get; init; }

    /// <summary>Message of a failure.</summary>
    public string? Message { get; init; }

    /// <summary>The next action for the user.</summary>
    public string? Advice { get; init; }
}

internal enum EngineOutcome
{
    /// <summary>The engine has executed the request.</summary>
    Done,

    /// <summary>Another host or program holds the image's lock.</summary>
    Locked,

    /// <summary>Another failure; the message names it.</summary>
    Failed,
}

/// <summary>An engine that serves.</summary>
/// <param name="Process">The engine's process.</param>
/// <param name="ImagePath">Path of the file that stands for the image.</param>
public sealed record EngineReady(ProcessIdentity Process, string ImagePath);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true,
    DefaultIgnoreCondition =
        JsonIgnoreCondition.WhenWritingNull, RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(EngineParameters))]
[JsonSerializable(typeof(EngineProcessRecord))]
[JsonSerializable(typeof(EngineReport))]
[JsonSerializable(typeof(EngineStatus))]
[JsonSerializable(typeof(EngineFence))]
[JsonSerializable(typeof(EngineStatistics))]
internal sealed partial class EngineJson : JsonSerializerContext;
